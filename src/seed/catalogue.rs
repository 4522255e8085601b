//! What the vendor of the demo knows of its partners, and its own catalogue.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::history::Entry;
use super::network::{Network, Partner};
use super::random::{self, Random};
use super::store::{self, insert_into};
use super::words::Language;
use super::{Plan, SeedError};

#[derive(Serialize)]
struct OfferingRow {
    organisation_id: Uuid,
    id: Uuid,
    code: String,
    name: String,
    kind: &'static str,
    joint_operation: bool,
    demand_tags: Vec<&'static str>,
    state: &'static str,
    version: i64,
}

insert_into!(
    OfferingRow,
    "offerings",
    "organisation_id, id, code, name, kind, joint_operation, demand_tags, state, version"
);

#[derive(Serialize)]
struct OfficeRow {
    code: &'static str,
    name_zh: &'static str,
    name_en: &'static str,
}

insert_into!(OfficeRow, "offices", "code, name_zh, name_en");

#[derive(Serialize)]
struct RegionRow {
    region: String,
    office_code: &'static str,
}

insert_into!(RegionRow, "office_regions", "region, office_code");

#[derive(Serialize)]
struct ServiceRow {
    code: &'static str,
    name_zh: &'static str,
    name_en: &'static str,
    state: &'static str,
}

insert_into!(
    ServiceRow,
    "cloud_services",
    "code, name_zh, name_en, state"
);

/// Each office with the areas and cities that it looks after.
const OFFICES: &[(&str, &str, &str, &[&str])] = &[
    (
        "EAST",
        "华东代表处",
        "East China office",
        &[
            "华东", "杭州", "南京", "苏州", "宁波", "合肥", "上海", "浙江", "江苏", "安徽",
        ],
    ),
    (
        "NORTH",
        "华北代表处",
        "North China office",
        &["华北", "北京", "天津", "济南", "石家庄", "山东", "河北"],
    ),
    (
        "SOUTH",
        "华南代表处",
        "South China office",
        &[
            "华南", "深圳", "广州", "厦门", "南宁", "广东", "福建", "广西",
        ],
    ),
    (
        "SOUTHWEST",
        "西南代表处",
        "Southwest China office",
        &[
            "西南", "成都", "重庆", "贵阳", "昆明", "四川", "贵州", "云南",
        ],
    ),
    (
        "APAC",
        "亚太代表处",
        "Asia-Pacific office",
        &["亚太", "Singapore", "Bangkok", "Jakarta", "Kuala Lumpur"],
    ),
];

const SERVICES: &[(&str, &str, &str)] = &[
    ("COMPUTE", "弹性云服务器", "Elastic servers"),
    ("CONTAINER", "容器引擎", "Container engine"),
    ("DATABASE", "云数据库", "Managed database"),
    ("OBJECT_STORAGE", "对象存储", "Object storage"),
    ("BACKUP", "云备份", "Backup"),
    ("DATA_LAKE", "数据湖", "Data lake"),
    ("AI_PLATFORM", "人工智能平台", "AI platform"),
    ("NETWORK", "虚拟私有网络", "Private network"),
    ("SECURITY", "安全服务", "Security services"),
];

/// Name in Chinese, name in English, demand tags.
const SOLUTIONS: &[(&str, &str, &[&str])] = &[
    (
        "核心系统上云",
        "Core systems to the cloud",
        &["migration", "high-availability"],
    ),
    ("数据中台", "Data platform", &["analytics", "data-lake"]),
    (
        "灾备即服务",
        "Disaster recovery as a service",
        &["backup", "high-availability"],
    ),
    ("智能客服", "Intelligent customer service", &["ai"]),
    (
        "物联网平台",
        "Internet of things platform",
        &["iot", "analytics"],
    ),
    ("安全运营中心", "Security operations centre", &["security"]),
];

/// Everything that the vendor states, and what later generators choose from.
pub(super) struct Catalogue {
    offerings_of: HashMap<Uuid, Vec<Uuid>>,
    offerings: Vec<OfferingRow>,
    entries: Vec<Entry>,
}

impl Catalogue {
    pub(super) fn of(plan: &Plan, network: &Network) -> Self {
        let mut catalogue = Self {
            offerings_of: HashMap::new(),
            offerings: Vec::new(),
            entries: Vec::new(),
        };
        let mut random = Random::of(plan.seed, "catalogue");
        for (index, partner) in network.partners.iter().enumerate() {
            catalogue.admit((plan, &mut random), (index, partner));
        }
        catalogue
    }

    /// The offerings of one partner; never empty.
    pub(super) fn offerings_of(&self, partner: &Partner) -> &[Uuid] {
        self.offerings_of
            .get(&partner.id)
            .map_or(&[], Vec::as_slice)
    }

    /// One of the vendor's services, by code.
    pub(super) fn service(random: &mut Random) -> &'static str {
        random.pick(SERVICES).map_or("", |service| service.0)
    }

    /// The office that looks after one of the areas of the demo.
    pub(super) fn office_of(area: &str) -> Option<&'static str> {
        let found = OFFICES.iter().find(|office| office.3.contains(&area));
        found.map(|office| office.0)
    }

    fn admit(&mut self, (plan, random): (&Plan, &mut Random), (index, partner): (usize, &Partner)) {
        for turn in 0..3 {
            self.offer((plan, random), (index * 3 + turn, partner));
        }
    }

    fn offer(&mut self, (plan, random): (&Plan, &mut Random), (index, partner): (usize, &Partner)) {
        let solution = random.pick(SOLUTIONS).unwrap_or(("", "", &[]));
        let id = random::id(plan.seed, "offering", index);
        let turn = index % 3;
        self.offerings.push(OfferingRow {
            organisation_id: partner.id,
            id,
            code: format!("OFF-{}", turn + 1),
            name: match partner.language {
                Language::Chinese => solution.0.to_owned(),
                Language::English => solution.1.to_owned(),
            },
            kind: if turn == 1 {
                "MARKETPLACE_PRODUCT"
            } else {
                "BASELINE_SOLUTION"
            },
            joint_operation: turn == 1 && random.percent(50),
            demand_tags: solution.2.to_vec(),
            state: "ACTIVE",
            version: 1,
        });
        self.offerings_of.entry(partner.id).or_default().push(id);
        self.state(partner, ("off", id), "offering.imported");
    }

    fn state(&mut self, partner: &Partner, object: (&'static str, Uuid), action: &'static str) {
        let at: DateTime<Utc> = partner.since + TimeDelta::hours(1);
        self.entries
            .push(Entry::new(partner.id, object, (1, at), action));
    }

    pub(super) async fn insert(&self, connection: &mut PgConnection) -> Result<(), SeedError> {
        let offices: Vec<OfficeRow> = OFFICES
            .iter()
            .map(|&(code, name_zh, name_en, _)| OfficeRow {
                code,
                name_zh,
                name_en,
            })
            .collect();
        let regions: Vec<RegionRow> = OFFICES
            .iter()
            .flat_map(|office| {
                office.3.iter().map(|region| RegionRow {
                    region: crate::text::fold(region),
                    office_code: office.0,
                })
            })
            .collect();
        let services: Vec<ServiceRow> = SERVICES
            .iter()
            .map(|&(code, name_zh, name_en)| ServiceRow {
                code,
                name_zh,
                name_en,
                state: "ACTIVE",
            })
            .collect();
        store::insert(connection, &offices).await?;
        store::insert(connection, &regions).await?;
        store::insert(connection, &services).await?;
        store::insert(connection, &self.offerings).await?;
        store::insert(connection, &self.entries).await
    }
}
