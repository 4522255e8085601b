//! Who may do what: every preset role against every root field of the contract, as one reviewed table. A new field or a
//! changed permission shows as a difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::app::{Caller, TestApp};
use crate::support::builders::{a_partner, the_vendor};
use crate::support::contract::Contract;

/// Each with the letter of its column.
const PARTNER_ROLES: [(&str, char); 6] = [
    ("SYSTEM_ADMIN", 'S'),
    ("FINANCE", 'F'),
    ("ACCOUNT_MANAGER", 'M'),
    ("ACCOUNT_MANAGER_DIRECTOR", 'D'),
    ("SA_SPECIALIST", 'P'),
    ("OPERATOR", 'O'),
];
const VENDOR_ROLES: [(&str, char); 7] = [
    ("VENDOR_ADMIN", 'A'),
    ("VENDOR_REVIEWER", 'R'),
    ("VENDOR_BD", 'B'),
    ("VENDOR_ECOSYSTEM_MANAGER", 'E'),
    ("VENDOR_INCENTIVE_OPERATOR", 'I'),
    ("VENDOR_FINANCE", 'N'),
    ("VENDOR_AUDITOR", 'U'),
];

/// Whether somebody is let through to the field: a list is not null, and a change is refused for its input at most.
async fn is_let_in(
    caller: &Caller,
    contract: &Contract,
    (root, field): (&'static str, &str),
) -> bool {
    let (query, variables) = contract.least(root, field);
    let answer = caller.ask(&query, variables).await;
    let refused = |error: &Value| {
        let code = error["code"]
            .as_str()
            .or(error["extensions"]["code"].as_str());
        matches!(code, Some("FORBIDDEN" | "UNAUTHENTICATED"))
    };
    let top = answer.body["errors"].as_array().into_iter().flatten();
    let own = answer.body["data"][field]["errors"]
        .as_array()
        .into_iter()
        .flatten();
    let is_shown = root == "Mutation" || !answer.body["data"][field].is_null();
    is_shown && !top.chain(own).any(refused)
}

/// What asks for one object by its id is null for an id that is none, whoever asks: other tests show who reads what.
fn asks_for_one(contract: &Contract, field: &str) -> bool {
    let places = contract.id_places().into_iter();
    let mut of_query = places.filter(|place| place.root == "Query" && place.path.len() == 1);
    of_query.any(|place| place.field == field && field != "organisation")
}

#[tokio::test]
async fn every_role_is_let_in_where_the_table_says_and_nowhere_else() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let partner = a_partner("甲").insert(&mut owner).await;
    let vendor = the_vendor().insert(&mut owner).await;
    let mut callers: BTreeMap<(usize, char), Caller> = BTreeMap::new();
    for (side, roles, organisation) in [
        (0, &PARTNER_ROLES[..], partner),
        (1, &VENDOR_ROLES[..], vendor),
    ] {
        for (role, letter) in roles {
            callers.insert(
                (side, *letter),
                app.member(organisation, role, &[role]).await,
            );
        }
    }
    let stranger = app.stranger("zhang").await;
    let contract = Contract::read();
    let mut table = String::new();

    for root in ["Query", "Mutation"] {
        writeln!(table, "{root}").unwrap();
        for field in contract.fields(root) {
            // It would end what asks.
            if field == "sessionEndAll" || (root == "Query" && asks_for_one(&contract, &field)) {
                continue;
            }
            let mut letters = ["", ""].map(str::to_owned);
            for side in 0..2 {
                let roles = if side == 0 {
                    &PARTNER_ROLES[..]
                } else {
                    &VENDOR_ROLES[..]
                };
                for (_, letter) in roles {
                    let let_in =
                        is_let_in(&callers[&(side, *letter)], &contract, (root, &field)).await;
                    letters[side].push(if let_in { *letter } else { '.' });
                }
            }
            let nobody = if is_let_in(&stranger, &contract, (root, &field)).await {
                "anybody"
            } else {
                ""
            };
            writeln!(
                table,
                "  {field:<36} {} {} {nobody}",
                letters[0], letters[1]
            )
            .unwrap();
        }
    }

    insta::assert_snapshot!(table);
}
