//! Whether two deals are with one customer: one spelling of a company's name and place, and the keys made of it. Pure.
//!
//! Two deals are with the same customer when they share the unified social credit code, or the normalised name and the
//! region, or the domain; but never when both give codes and these differ: those are two companies, however alike.

use super::content::Content;
use crate::text::fold;

/// Each province with cities that people write instead of it, as regions and before company names.
const PLACES: &[(&str, &[&str])] = &[
    ("北京", &[]),
    ("上海", &[]),
    ("天津", &[]),
    ("重庆", &[]),
    ("河北", &["石家庄", "唐山", "保定", "廊坊", "邯郸"]),
    ("山西", &["太原", "大同"]),
    ("内蒙古", &["呼和浩特", "包头", "鄂尔多斯"]),
    ("辽宁", &["沈阳", "大连", "鞍山"]),
    ("吉林", &["长春"]),
    ("黑龙江", &["哈尔滨", "大庆"]),
    (
        "江苏",
        &["南京", "苏州", "无锡", "常州", "南通", "徐州", "扬州"],
    ),
    ("浙江", &["杭州", "宁波", "温州", "绍兴", "嘉兴", "金华"]),
    ("安徽", &["合肥", "芜湖"]),
    ("福建", &["福州", "厦门", "泉州"]),
    ("江西", &["南昌", "赣州"]),
    ("山东", &["济南", "青岛", "烟台", "潍坊", "临沂"]),
    ("河南", &["郑州", "洛阳"]),
    ("湖北", &["武汉", "宜昌", "襄阳"]),
    ("湖南", &["长沙", "株洲"]),
    (
        "广东",
        &["广州", "深圳", "东莞", "佛山", "珠海", "惠州", "中山"],
    ),
    ("广西", &["南宁", "桂林", "柳州"]),
    ("海南", &["海口", "三亚"]),
    ("四川", &["成都", "绵阳"]),
    ("贵州", &["贵阳", "遵义"]),
    ("云南", &["昆明"]),
    ("西藏", &["拉萨"]),
    ("陕西", &["西安", "咸阳"]),
    ("甘肃", &["兰州"]),
    ("青海", &["西宁"]),
    ("宁夏", &["银川"]),
    ("新疆", &["乌鲁木齐"]),
    ("香港", &[]),
    ("澳门", &[]),
    ("台湾", &["台北", "高雄"]),
];

/// What stands behind a place that is written in full, the longest first.
const PLACE_KINDS: &[&str] = &[
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "特别行政区",
    "自治区",
    "省",
    "市",
];

/// What a company is by law, at the end of its name; the longest first.
const LEGAL_FORMS: &[&str] = &[
    "集团股份有限公司",
    "集团有限责任公司",
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "有限公司",
    "集团公司",
    "总公司",
    "公司",
    "集团",
    "corporation",
    "incorporated",
    "limited",
    "company",
    "coltd",
    "pteltd",
    "ptyltd",
    "corp",
    "gmbh",
    "inc",
    "llc",
    "ltd",
    "plc",
    "co",
];

/// Hosts that give everybody an address: sharing one says nothing.
const PUBLIC_HOSTS: &[&str] = &[
    "126.com",
    "139.com",
    "163.com",
    "189.cn",
    "aliyun.com",
    "foxmail.com",
    "gmail.com",
    "hotmail.com",
    "icloud.com",
    "outlook.com",
    "qq.com",
    "sina.cn",
    "sina.com",
    "sohu.com",
    "yahoo.com",
    "yeah.net",
];

/// A name that is shorter without its place keeps it: 银行 alone is no company, 北京银行 is.
const SHORTEST_NAME: usize = 3;

/// The keys under which a deal's customer is compared: two that share one are with the same customer.
pub(crate) fn keys(content: &Content) -> Vec<String> {
    let particulars = &content.particulars;
    let mut keys = Vec::new();
    if let Some(code) = &particulars.credit_code {
        keys.push(format!("c:{code}"));
    }
    keys.extend(key_of_name(
        &content.customer_name,
        &content.customer_region,
    ));
    if let Some(domain) = &particulars.customer_domain
        && !PUBLIC_HOSTS.contains(&domain.as_str())
    {
        keys.push(format!("d:{domain}"));
    }
    keys
}

/// The key of a company that is known by name and region alone.
pub(crate) fn key_of_name(name: &str, region: &str) -> Option<String> {
    let (name, region) = (name_key(name), region_key(region));
    let is_known = !name.is_empty() && !region.is_empty();
    is_known.then(|| format!("n:{name}|{region}"))
}

/// A company's name without its legal form, its place, its punctuation and its capitals.
pub(super) fn name_key(name: &str) -> String {
    let folded: String = fold(name)
        .replace('&', "and")
        .chars()
        .map(|character| match character {
            '（' | '【' | '［' => '(',
            '）' | '】' | '］' => ')',
            other => other,
        })
        .collect();
    let plain = without_places_in_brackets(&folded);
    let core = without_legal_form(&plain);
    without_place(core).to_owned()
}

/// Brackets go with the place in them; of others only the brackets go.
fn without_places_in_brackets(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('(') {
        plain.push_str(before);
        let Some((inside, behind)) = after.split_once(')') else {
            rest = after;
            continue;
        };
        if inside != "中国" && inside != "china" && !is_place(inside) {
            plain.push_str(inside);
        }
        rest = behind;
    }
    plain.push_str(rest);
    plain.retain(char::is_alphanumeric);
    plain
}

/// Takes legal forms from the end as long as there are any: 集团 may stand before 股份有限公司.
fn without_legal_form(name: &str) -> &str {
    let mut core = name;
    while let Some(shorter) = LEGAL_FORMS
        .iter()
        .find_map(|form| core.strip_suffix(form))
        .filter(|shorter| shorter.chars().count() >= 2)
    {
        core = shorter;
    }
    core
}

/// Takes a province and a city from the front, unless too little would be left.
fn without_place(name: &str) -> &str {
    let mut core = name;
    for _ in 0..2 {
        let Some(shorter) = all_places().find_map(|place| after_place(core, place)) else {
            break;
        };
        if shorter.chars().count() < SHORTEST_NAME {
            break;
        }
        core = shorter;
    }
    core
}

fn after_place<'a>(name: &'a str, place: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(place)?;
    let behind = PLACE_KINDS.iter().find_map(|kind| rest.strip_prefix(kind));
    Some(behind.unwrap_or(rest))
}

fn all_places() -> impl Iterator<Item = &'static str> {
    PLACES
        .iter()
        .flat_map(|(province, cities)| std::iter::once(*province).chain(cities.iter().copied()))
}

fn is_place(text: &str) -> bool {
    all_places().any(|place| after_place(text, place).is_some_and(str::is_empty))
}

/// The province of a region that begins with one or with one of its cities; any other region as it is.
pub(super) fn region_key(region: &str) -> String {
    let folded = fold(region);
    let bare = folded.strip_prefix("中国").unwrap_or(&folded);
    let province = PLACES.iter().find(|(province, cities)| {
        bare.starts_with(province) || cities.iter().any(|city| bare.starts_with(city))
    });
    province.map_or_else(|| bare.to_owned(), |(province, _)| (*province).to_owned())
}

/// A domain without scheme, `www.`, port and path, or nothing when it is none.
pub(super) fn domain(text: &str) -> Option<String> {
    let folded = fold(text);
    let host = folded
        .rsplit_once("://")
        .map_or(folded.as_str(), |(_, rest)| rest);
    let host = host.split(['/', '?', '#', ':']).next()?;
    let host = host.rsplit_once('@').map_or(host, |(_, domain)| domain);
    let host = host.strip_prefix("www.").unwrap_or(host);
    let host = host.trim_end_matches('.');
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|character| character.is_alphanumeric() || character == '-')
    };
    let formed = host.len() <= 253 && host.contains('.') && host.split('.').all(label);
    formed.then(|| host.to_owned())
}

/// A unified social credit code in its one spelling, if its check character is right (GB 32100-2015).
pub(super) fn credit_code(text: &str) -> Option<String> {
    /// Without the letters that look like digits.
    const CHARACTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let code = fold(text).to_uppercase();
    let values: Option<Vec<usize>> = code
        .chars()
        .map(|character| CHARACTERS.find(character))
        .collect();
    let values = values.filter(|values| values.len() == 18)?;
    let (check, body) = values.split_last()?;
    let weights = std::iter::successors(Some(1_usize), |weight| Some(weight * 3 % 31));
    let sum: usize = body
        .iter()
        .zip(weights)
        .map(|(value, weight)| value * weight)
        .sum();
    ((31 - sum % 31) % 31 == *check).then_some(code)
}
