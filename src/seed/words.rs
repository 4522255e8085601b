//! What generated names are made of. Every composition is invented; a likeness is chance.

use super::random::Random;

/// Whether a company works in Chinese or in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Chinese,
    English,
}

/// A company's name, and what stands before `.example` in its addresses.
#[derive(Debug, Clone)]
pub(super) struct Company {
    pub(super) name: String,
    pub(super) domain: String,
}

/// A person's name, and the name of their account.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) account: String,
}

/// Business areas (业务开展地区) and their cities.
pub(super) const AREAS: [(&str, &[&str]); 5] = [
    ("华东", &["杭州", "南京", "苏州", "宁波", "合肥"]),
    ("华北", &["北京", "天津", "济南", "石家庄"]),
    ("华南", &["深圳", "广州", "厦门", "南宁"]),
    ("西南", &["成都", "重庆", "贵阳", "昆明"]),
    ("亚太", &["Singapore", "Bangkok", "Jakarta", "Kuala Lumpur"]),
];

const SYLLABLES: &[(&str, &str)] = &[
    ("澜", "lan"),
    ("砚", "yan"),
    ("穹", "qiong"),
    ("榆", "yu"),
    ("泽", "ze"),
    ("砺", "li"),
    ("墨", "mo"),
    ("霁", "ji"),
    ("岫", "xiu"),
    ("棠", "tang"),
    ("溯", "su"),
    ("昀", "yun"),
    ("芃", "peng"),
    ("衡", "heng"),
    ("铎", "duo"),
    ("翎", "ling"),
];
const TRADES: &[&str] = &[
    "数字科技",
    "信息技术",
    "云计算",
    "软件",
    "智能系统",
    "数据服务",
    "网络技术",
    "系统集成",
];
const ENGLISH_BRANDS: &[&str] = &[
    "Bluefern",
    "Harrowgate",
    "Nimbrook",
    "Tidewell",
    "Oakmere",
    "Sundrift",
    "Pinecrest",
    "Larkfield",
    "Stonebay",
    "Marrowind",
    "Eastquill",
    "Coralpath",
];
const ENGLISH_TRADES: &[&str] = &[
    "Cloud Systems",
    "Digital",
    "Data Services",
    "Software",
    "Network Solutions",
    "Technologies",
];
const SURNAMES: &[(&str, &str)] = &[
    ("王", "wang"),
    ("李", "li"),
    ("张", "zhang"),
    ("刘", "liu"),
    ("陈", "chen"),
    ("杨", "yang"),
    ("赵", "zhao"),
    ("黄", "huang"),
    ("周", "zhou"),
    ("吴", "wu"),
    ("徐", "xu"),
    ("孙", "sun"),
    ("马", "ma"),
    ("朱", "zhu"),
    ("胡", "hu"),
    ("郭", "guo"),
    ("何", "he"),
    ("林", "lin"),
    ("罗", "luo"),
    ("梁", "liang"),
];
const GIVEN: &[(&str, &str)] = &[
    ("知", "zhi"),
    ("远", "yuan"),
    ("若", "ruo"),
    ("宁", "ning"),
    ("子", "zi"),
    ("涵", "han"),
    ("嘉", "jia"),
    ("铭", "ming"),
    ("思", "si"),
    ("齐", "qi"),
    ("雨", "yu"),
    ("桐", "tong"),
    ("明", "ming"),
    ("哲", "zhe"),
    ("晓", "xiao"),
    ("岚", "lan"),
    ("文", "wen"),
    ("博", "bo"),
    ("书", "shu"),
    ("瑶", "yao"),
];
const ENGLISH_FIRST: &[&str] = &[
    "Amara", "Daniel", "Farah", "Grace", "Hugo", "Imran", "Julia", "Kenji", "Linh", "Maya", "Noel",
    "Priya", "Rafael", "Siti", "Tomas", "Yara",
];
const ENGLISH_LAST: &[&str] = &[
    "Abbott",
    "Chua",
    "Dela Cruz",
    "Fernandez",
    "Gunawan",
    "Hassan",
    "Ito",
    "Kumar",
    "Lim",
    "Nair",
    "Ong",
    "Pereira",
    "Rahman",
    "Santos",
    "Tan",
    "Wijaya",
];
const CUSTOMERS: &[(&str, &str, &str)] = &[
    ("第二人民医院", "医疗", "General Hospital"),
    ("轨道交通集团", "交通", "Metro Group"),
    ("农村商业银行", "金融", "Savings Bank"),
    ("精密制造有限公司", "制造", "Precision Works"),
    ("职业技术学院", "教育", "Technical College"),
    ("港务集团", "物流", "Port Authority"),
    ("连锁超市有限公司", "零售", "Retail Chain"),
    ("供水集团", "公用事业", "Waterworks"),
    ("文化传媒有限公司", "传媒", "Media House"),
    ("新能源有限公司", "能源", "Renewables"),
];
const INDUSTRIES_ENGLISH: &[&str] = &[
    "Healthcare",
    "Transport",
    "Finance",
    "Manufacturing",
    "Education",
    "Logistics",
    "Retail",
    "Utilities",
    "Media",
    "Energy",
];
const PROJECTS: &[(&str, &str)] = &[
    ("影像归档上云", "image archive in the cloud"),
    ("核心业务容器化", "containers for the core systems"),
    ("数据仓库迁移", "data warehouse migration"),
    ("两地三中心容灾", "disaster recovery over three sites"),
    ("工业物联网平台", "industrial IoT platform"),
    ("智能客服", "assistant for customer service"),
    ("混合云专线", "hybrid cloud with a dedicated line"),
    ("安全等保加固", "security hardening"),
    ("视频分析平台", "video analytics platform"),
    ("协同办公上云", "office suite in the cloud"),
    ("基因测序算力", "computing for gene sequencing"),
    ("会员营销中台", "loyalty and marketing platform"),
];
const NEEDS: &[(&str, &str)] = &[
    (
        "现有机房将于明年到期，需要在到期前完成迁移并保持业务不中断。",
        "The lease of the data centre ends next year; everything has to move without an outage.",
    ),
    (
        "希望按季度付费，先以一个分支机构试点，再推广到全部网点。",
        "Wants to pay by the quarter, to begin with one branch and then follow with all of them.",
    ),
    (
        "数据不得离开本地区，审计日志需保留三年。",
        "Data must stay in the region, and audit logs are kept for three years.",
    ),
    (
        "峰值流量约为平时的六倍，需要自动伸缩并控制成本。",
        "Peaks are six times the usual load; needs to scale by itself within a budget.",
    ),
];

/// The company of this index; a brand comes again only after all of them.
pub(super) fn company(
    random: &mut Random,
    index: usize,
    (language, city): (Language, &str),
) -> Company {
    match language {
        Language::Chinese => {
            let syllable = |place: usize| {
                SYLLABLES
                    .get(place % SYLLABLES.len())
                    .copied()
                    .unwrap_or(("云", "yun"))
            };
            let first = syllable(index);
            let second = syllable(index + 1 + index / SYLLABLES.len());
            Company {
                name: format!(
                    "{city}{}{}{}有限公司",
                    first.0,
                    second.0,
                    random.word(TRADES)
                ),
                domain: format!("{}{}{index}", first.1, second.1),
            }
        }
        Language::English => {
            let brand = random.word(ENGLISH_BRANDS);
            Company {
                name: format!("{brand} {} ({city})", random.word(ENGLISH_TRADES)),
                domain: format!("{}{index}", brand.to_ascii_lowercase()),
            }
        }
    }
}

pub(super) fn person(random: &mut Random, language: Language) -> Person {
    match language {
        Language::Chinese => {
            let surname = random.pick(SURNAMES).unwrap_or_default();
            let (first, second) = (
                random.pick(GIVEN).unwrap_or_default(),
                random.pick(GIVEN).unwrap_or_default(),
            );
            Person {
                name: format!("{}{}{}", surname.0, first.0, second.0),
                account: format!("{}.{}{}", surname.1, first.1, second.1),
            }
        }
        Language::English => {
            let (first, last) = (random.word(ENGLISH_FIRST), random.word(ENGLISH_LAST));
            let account = format!("{first}.{last}").to_ascii_lowercase();
            Person {
                name: format!("{first} {last}"),
                account: account.replace(' ', ""),
            }
        }
    }
}

/// A customer, its industry, and what it wants: name of the deal and need.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    pub(super) customer: String,
    pub(super) industry: &'static str,
    pub(super) name: String,
    pub(super) need: &'static str,
}

pub(super) fn deal(random: &mut Random, (language, city): (Language, &str)) -> Deal {
    let place = random.below(CUSTOMERS.len());
    let customer = CUSTOMERS.get(place).copied().unwrap_or_default();
    let project = random.pick(PROJECTS).unwrap_or_default();
    let need = random.pick(NEEDS).unwrap_or_default();
    match language {
        Language::Chinese => Deal {
            customer: format!("{city}{}", customer.0),
            industry: customer.1,
            name: format!("{city}{}{}项目", customer.0, project.0),
            need: need.0,
        },
        Language::English => Deal {
            customer: format!("{city} {}", customer.2),
            industry: INDUSTRIES_ENGLISH.get(place).copied().unwrap_or_default(),
            name: format!("{city} {}: {}", customer.2, project.1),
            need: need.1,
        },
    }
}
