//! The vendor's facts through `POST /graphql`: imported by the vendor, read by those whom they are about.

use portico::ids::{OpportunityId, Tagged as _};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, fresh, the_vendor};

struct World {
    app: TestApp,
    admin: Caller,
    reviewer: Caller,
    partner: Caller,
    rival: Caller,
    number: String,
    rivals_number: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let vendor = the_vendor().insert(&mut owner).await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let rival = a_partner("另一伙伴").insert(&mut owner).await;
        // Nothing is known yet of any partner but what a test imports.
        for table in ["DELETE FROM offerings", "DELETE FROM programme_memberships"] {
            sqlx::query(table).execute(&mut owner).await.unwrap();
        }
        let mut numbers = Vec::new();
        for id in [partner, rival] {
            let number: String =
                sqlx::query_scalar("SELECT number FROM organisations WHERE id = $1")
                    .bind(id.0)
                    .fetch_one(&mut owner)
                    .await
                    .unwrap();
            numbers.push(number);
        }
        Self {
            admin: app.member(vendor, "admin", &["VENDOR_ADMIN"]).await,
            reviewer: app.member(vendor, "reviewer", &["VENDOR_REVIEWER"]).await,
            partner: app.member(partner, "partner", &["SYSTEM_ADMIN"]).await,
            rival: app.member(rival, "rival", &["SYSTEM_ADMIN"]).await,
            rivals_number: numbers.remove(1),
            number: numbers.remove(0),
            app,
        }
    }

    async fn import(&self, kind: &str, csv: &str) -> Value {
        import(&self.admin, kind, csv).await
    }

    /// Everything that an import could write: two equal answers mean that nothing was.
    async fn everything(&self) -> Vec<i64> {
        let mut counts = Vec::new();
        for count in [
            "SELECT coalesce(sum(version), 0)::bigint FROM programme_memberships",
            "SELECT coalesce(sum(version), 0)::bigint FROM path_memberships",
            "SELECT coalesce(sum(version), 0)::bigint FROM offerings",
            "SELECT count(*) FROM offices",
            "SELECT count(*) FROM office_regions",
            "SELECT count(*) FROM cloud_services",
            "SELECT count(*) FROM timeline_entries",
        ] {
            counts.push(self.app.count(count).await);
        }
        counts
    }
}

async fn import(caller: &Caller, kind: &str, csv: &str) -> Value {
    let input = json!({ "kind": kind, "csv": csv });
    caller
        .change("factsImport", "added changed unchanged", input)
        .await
}

fn counts(payload: &Value) -> (i64, i64, i64) {
    assert_eq!(payload["errors"], json!([]), "{payload:#}");
    let count = |name: &str| payload[name].as_i64().unwrap();
    (count("added"), count("changed"), count("unchanged"))
}

fn paths(payload: &Value) -> Vec<(String, String)> {
    payload["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            let path: Vec<&str> = error["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step.as_str().unwrap())
                .collect();
            (error["reason"].as_str().unwrap().to_owned(), path.join("."))
        })
        .collect()
}

const OFFERINGS: &str = "organisation,code,name,kind,joint_operation,demand_tags,state\n";

#[tokio::test]
async fn a_table_is_added_then_changed_then_known() {
    let world = World::new().await;
    let number = &world.number;
    let table = |name: &str| {
        format!(
            "\u{FEFF}{OFFERINGS}{number},S-1,{name},BASELINE_SOLUTION,false,灾备;上云,ACTIVE\n{number},P-1,商品,MARKETPLACE_PRODUCT,true,,ACTIVE\n"
        )
    };

    assert_eq!(
        counts(&world.import("OFFERINGS", &table("灾备方案")).await),
        (2, 0, 0)
    );
    assert_eq!(
        counts(&world.import("OFFERINGS", &table("灾备方案")).await),
        (0, 0, 2)
    );
    assert_eq!(
        counts(&world.import("OFFERINGS", &table("灾备方案二")).await),
        (0, 1, 1)
    );

    let read = "{ organisation { offerings { totalCount nodes { code name kind isJointOperation demandTags state } } } }";
    let own = world.partner.ask(read, json!({})).await;
    assert_eq!(
        own.at("/organisation/offerings"),
        &json!({ "totalCount": 2, "nodes": [
            { "code": "P-1", "name": "商品", "kind": "MARKETPLACE_PRODUCT", "isJointOperation": true, "demandTags": [], "state": "ACTIVE" },
            { "code": "S-1", "name": "灾备方案二", "kind": "BASELINE_SOLUTION", "isJointOperation": false, "demandTags": ["上云", "灾备"], "state": "ACTIVE" },
        ] })
    );
    let actions = "SELECT count(*) FROM timeline_entries WHERE action = 'offering.imported'";
    assert_eq!(world.app.count(actions).await, 3);
    let tables = "SELECT count(*) FROM timeline_entries WHERE action = 'facts.imported'";
    assert_eq!(world.app.count(tables).await, 3);
}

#[tokio::test]
async fn any_wrong_row_refuses_the_table_and_tells_every_fault_at_once() {
    let world = World::new().await;
    let before = world.everything().await;
    let number = &world.number;
    let csv = format!(
        "{OFFERINGS}{number},S-1,好,BASELINE_SOLUTION,false,,ACTIVE\n\
         {number},S-1,又一个,BASELINE_SOLUTION,false,,ACTIVE\n\
         {number},,=1+1,SOLUTION,maybe,,ACTIVE\n\
         {number},S-3,好,BASELINE_SOLUTION,true,,GONE\n"
    );

    let refused = world.import("OFFERINGS", &csv).await;

    let expected = [
        ("FACT_ROW_REPEATED", "csv.3.code"),
        ("FACT_CELL_REQUIRED", "csv.4.code"),
        ("FACT_CELL_IS_FORMULA", "csv.4.name"),
        ("FACT_WORD_UNKNOWN", "csv.4.kind"),
        ("FACT_WORD_UNKNOWN", "csv.4.joint_operation"),
        ("FACT_WORD_UNKNOWN", "csv.5.state"),
        ("FACT_NOT_A_MARKETPLACE_PRODUCT", "csv.5.joint_operation"),
    ];
    assert_eq!(
        paths(&refused),
        expected.map(|(reason, path)| (reason.to_owned(), path.to_owned()))
    );
    let unknown = format!("{OFFERINGS}ORG-2026-NOBODY,S-1,好,BASELINE_SOLUTION,false,,ACTIVE\n");
    assert_eq!(
        paths(&world.import("OFFERINGS", &unknown).await),
        [(
            "FACT_ORGANISATION_UNKNOWN".to_owned(),
            "csv.2.organisation".to_owned()
        )]
    );
    for (csv, reason) in [
        ("code,name_zh\nA,B\n", "FACTS_COLUMN_MISSING"),
        (
            "code,name_zh,name_en,extra\nA,B,C,D\n",
            "FACTS_COLUMN_UNKNOWN",
        ),
        ("code,name_zh,name_en\nA,B\n", "FACTS_UNREADABLE"),
        ("code,name_zh,name_en\n", "FACTS_EMPTY"),
    ] {
        assert_eq!(reasons(&world.import("OFFICES", csv).await), [reason]);
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_dry_run_counts_and_leaves_everything_as_it_is() {
    let world = World::new().await;
    let before = world.everything().await;
    let csv = "code,name_zh,name_en\nHZ,杭州代表处,Hangzhou\n";
    let input = json!({ "kind": "OFFICES", "csv": csv, "dryRun": true });
    let answer = world
        .admin
        .change("factsImport", "added changed unchanged", input)
        .await;

    assert_eq!(counts(&answer), (1, 0, 0));
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn only_the_vendors_people_with_the_permission_import() {
    let world = World::new().await;
    let before = world.everything().await;
    let csv = "code,name_zh,name_en\nHZ,杭州代表处,Hangzhou\n";
    for caller in [&world.reviewer, &world.partner] {
        let refused = import(caller, "OFFICES", csv).await;
        assert_eq!(reasons(&refused), ["PERMISSION_MISSING"]);
    }
    assert_eq!(world.everything().await, before);
}

/// R-OPP-31 for facts: what the vendor states of a partner is read by that partner and by the vendor.
#[tokio::test]
async fn facts_of_another_partner_answer_like_unknown_ones() {
    let world = World::new().await;
    let (number, rivals) = (&world.number, &world.rivals_number);
    world
        .import("OFFERINGS", &format!("{OFFERINGS}{number},S-1,好,BASELINE_SOLUTION,false,,ACTIVE\n{rivals},S-1,好,BASELINE_SOLUTION,false,,ACTIVE\n"))
        .await;
    world
        .import(
            "PROGRAMME_MEMBERSHIPS",
            &format!("organisation,programme,state,valid_from,valid_until\n{number},CO_SELL,ACTIVE,2026-01-01,2027-01-01\n"),
        )
        .await;
    world
        .import(
            "PATH_MEMBERSHIPS",
            &format!("organisation,path,stage,state\n{number},SERVICE,ROLE_VALIDATED,ACTIVE\n"),
        )
        .await;
    let read = "{ organisation { offerings { nodes { id } } programmeMemberships { id programme validUntil } paths { id stage } } }";
    let own = world.partner.ask(read, json!({})).await;
    let own = own.at("/organisation");
    assert_eq!(own["programmeMemberships"][0]["validUntil"], "2027-01-01");
    assert_eq!(own["paths"][0]["stage"], "ROLE_VALIDATED");
    let ids = [
        &own["offerings"]["nodes"][0]["id"],
        &own["programmeMemberships"][0]["id"],
        &own["paths"][0]["id"],
    ];
    let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let theirs = world.rival.ask(nodes, json!({ "ids": ids })).await;
    assert_eq!(theirs.at("/nodes"), &json!([null, null, null]));
    let mine = world.partner.ask(nodes, json!({ "ids": ids })).await;
    assert_eq!(mine.at("/nodes"), &json!(ids.map(|id| json!({ "id": id }))));

    let other = "query ($id: ID!) { organisation(id: $id) { offerings { nodes { id } } programmeMemberships { id } } }";
    let id = world.partner.organisation.global();
    let seen = world.reviewer.ask(other, json!({ "id": id })).await;
    assert_eq!(seen.at("/organisation/programmeMemberships/0/id"), ids[1]);
    let unseen = world.rival.ask(other, json!({ "id": id })).await;
    assert_eq!(unseen.at("/organisation"), &Value::Null);
}

/// R-OPP-27: regions lead to offices, which must be there first.
#[tokio::test]
async fn offices_and_services_are_the_vendors_lists() {
    let world = World::new().await;
    let regions = "region,office\n江苏省,NJ\n";
    assert_eq!(
        paths(&world.import("OFFICE_REGIONS", regions).await),
        [("FACT_OFFICE_UNKNOWN".to_owned(), "csv.2.office".to_owned())]
    );
    world
        .import(
            "OFFICES",
            "code,name_zh,name_en\nNJ,南京代表处,Nanjing office\n",
        )
        .await;
    assert_eq!(
        counts(&world.import("OFFICE_REGIONS", regions).await),
        (1, 0, 0)
    );
    world
        .import(
            "CLOUD_SERVICES",
            "code,name_zh,name_en,state\nECS,弹性云服务器,Elastic servers,ACTIVE\nOLD,旧服务,Old,RETIRED\n",
        )
        .await;
    let read = "{ offices { code name } cloudServices { code name } }";
    let answer = world.partner.ask(read, json!({})).await;
    assert_eq!(
        answer.at(""),
        &json!({
            "offices": [{ "code": "NJ", "name": "Nanjing office" }],
            "cloudServices": [{ "code": "ECS", "name": "Elastic servers" }],
        })
    );
}

#[tokio::test]
async fn the_same_key_imports_once() {
    let world = World::new().await;
    let key = fresh::<OpportunityId>().0;
    let input = json!({ "kind": "OFFICES", "csv": "code,name_zh,name_en\nNJ,南京,Nanjing\n" });
    let selection = "added replayed";
    let first = world
        .admin
        .change_under(key, "factsImport", selection, input.clone())
        .await;
    let again = world
        .admin
        .change_under(key, "factsImport", selection, input)
        .await;
    assert_eq!(
        (&first["added"], &first["replayed"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(
        (&again["added"], &again["replayed"]),
        (&json!(1), &json!(true))
    );
    let tables = "SELECT count(*) FROM timeline_entries WHERE action = 'facts.imported'";
    assert_eq!(world.app.count(tables).await, 1);
}

const ACCOUNTS: &str = "account_name,identity_provider,subject,name,email,mobile,real_name\n";

/// Facts of persons: written like the others, and in no history.
#[tokio::test]
async fn personal_accounts_arrive_as_facts_and_no_history_names_them() {
    let world = World::new().await;
    let li = "lihua,https://iam.example,s-1,李华,Li@Home.example,8613812345678,PERSONAL\n";
    let wang = "wangfang,https://iam.example,s-2,王芳,,,NONE\n";

    let first = world
        .import("PERSONAL_ACCOUNTS", &format!("{ACCOUNTS}{li}{wang}"))
        .await;
    let again = world
        .import("PERSONAL_ACCOUNTS", &format!("{ACCOUNTS}{li}"))
        .await;
    let named = wang.replace("NONE", "ENTERPRISE");
    let changed = world
        .import("PERSONAL_ACCOUNTS", &format!("{ACCOUNTS}{named}"))
        .await;

    assert_eq!(counts(&first), (2, 0, 0));
    assert_eq!(counts(&again), (0, 0, 1));
    assert_eq!(counts(&changed), (0, 1, 0));
    let held = "SELECT count(*) FROM personal_accounts WHERE email = 'li@home.example' OR real_name = 'ENTERPRISE'";
    assert_eq!(world.app.count(held).await, 2);
    let named =
        "SELECT count(*) FROM timeline_entries WHERE details::text ~ 'lihua|wangfang|李华|138'";
    assert_eq!(world.app.count(named).await, 0);
}

#[tokio::test]
async fn a_wrong_row_of_personal_accounts_refuses_the_table_and_partners_import_none() {
    let world = World::new().await;
    let wrong = "lihua,https://iam.example,s-1,李华,,+86 138,MAYBE\n";
    let right = "lihua,https://iam.example,s-1,李华,,,PERSONAL\n";

    let refused = world
        .import("PERSONAL_ACCOUNTS", &format!("{ACCOUNTS}{wrong}"))
        .await;
    let partner = import(
        &world.partner,
        "PERSONAL_ACCOUNTS",
        &format!("{ACCOUNTS}{right}"),
    )
    .await;

    assert_eq!(
        reasons(&refused),
        ["FACT_CELL_IS_FORMULA", "FACT_WORD_UNKNOWN"]
    );
    assert_eq!(reasons(&partner), ["PERMISSION_MISSING"]);
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM personal_accounts")
            .await,
        0
    );
}
