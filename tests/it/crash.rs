//! `kill -9` in the middle of writing: nothing that was acknowledged is lost, nothing is done twice (reliability R1, R3).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::person::Person;
use crate::support::process::Portico;

const MUTATIONS: usize = 200;

const CREATE: &str = "mutation($input: OpportunityCreateInput!) {
    opportunityCreate(input: $input) { opportunity { id } errors { reason } replayed }
}";

/// Asks for one draft per key, all at once, and answers what was acknowledged: key and id.
async fn create_all(person: &Arc<Person>, keys: &[Uuid]) -> BTreeMap<Uuid, String> {
    let requests = keys.iter().map(|key| {
        let (person, key) = (Arc::clone(person), *key);
        tokio::spawn(async move {
            let input =
                json!({ "input": { "idempotencyKey": key, "name": format!("draft {key}") } });
            let answer = person.try_ask(CREATE, input).await.ok()?;
            let id = answer
                .body
                .pointer("/data/opportunityCreate/opportunity/id")?
                .as_str()?
                .to_owned();
            Some((key, id))
        })
    });
    join_all(requests)
        .await
        .into_iter()
        .filter_map(Result::unwrap)
        .collect()
}

/// Every draft of this test that the database has: its name and id.
async fn drafts(person: &Person) -> Vec<(String, String)> {
    let query = "query($after: String) { opportunities(first: 100, after: $after, where: { reviewState: [DRAFT] }) {
        nodes { id name } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = person.ask(query, json!({ "after": after })).await;
        let page = answer.at("/opportunities");
        for node in page["nodes"].as_array().unwrap() {
            let (name, id) = (node["name"].as_str().unwrap(), node["id"].as_str().unwrap());
            if name.starts_with("draft ") {
                found.push((name.to_owned(), id.to_owned()));
            }
        }
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Lets `crash` happen while all mutations are under way, sends them all again, and compares.
#[expect(
    clippy::print_stdout,
    reason = "the figure tells how hard the crash was felt"
)]
async fn nothing_is_lost_or_doubled<'a, F>(
    portico: &'a mut Portico,
    crash: impl FnOnce(&'a mut Portico) -> F,
) where
    F: Future<Output = &'a mut Portico>,
{
    let person = Arc::new(portico.person("admin@partner").await);
    let keys: Vec<Uuid> = (0..MUTATIONS).map(|_| Uuid::now_v7()).collect();
    let writing = {
        let (person, keys) = (Arc::clone(&person), keys.clone());
        tokio::spawn(async move { create_all(&person, &keys).await })
    };
    // Some have been answered by then and some have not; which ones is left to chance.
    tokio::time::sleep(Duration::from_millis(150)).await;
    let portico = crash(portico).await;
    let acknowledged = writing.await.unwrap();

    let mut replayed = create_all(&person, &keys).await;
    for _ in 0..20 {
        if replayed.len() == MUTATIONS {
            break;
        }
        // The database may still be coming back: what was refused as unavailable is sent again.
        portico.is_ready().await;
        replayed.extend(create_all(&person, &keys).await);
    }

    let stored = drafts(&person).await;
    let names: std::collections::BTreeSet<&String> = stored.iter().map(|(name, _)| name).collect();
    assert_eq!(replayed.len(), MUTATIONS, "every key converges");
    assert_eq!(
        (stored.len(), names.len()),
        (MUTATIONS, MUTATIONS),
        "one draft per key"
    );
    for (key, id) in &acknowledged {
        assert_eq!(
            replayed.get(key),
            Some(id),
            "an acknowledged draft is the one that a repeat finds"
        );
        assert!(
            stored.iter().any(|(_, stored)| stored == id),
            "an acknowledged draft is there"
        );
    }
    println!(
        "{} of {MUTATIONS} were acknowledged before the crash was felt",
        acknowledged.len()
    );
}

#[tokio::test]
async fn killing_the_gateway_during_200_mutations_loses_and_doubles_none() {
    let mut portico = Portico::start("crash-gateway").await;
    nothing_is_lost_or_doubled(&mut portico, |portico| async {
        portico.crash_and_restart().await;
        portico
    })
    .await;
}

#[tokio::test]
async fn killing_postgresql_during_200_mutations_loses_and_doubles_none() {
    let mut portico = Portico::start("crash-postgres").await;
    nothing_is_lost_or_doubled(&mut portico, |portico| async {
        portico.crash_postgres().await;
        portico
    })
    .await;
}
