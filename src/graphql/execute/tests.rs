//! What a client sees of resolvers that go wrong in every way.

use std::sync::Arc;

use async_graphql::{EmptyMutation, ErrorExtensions as _, Object, Scalar, ScalarType, Value};
use serde_json::{Value as Json, json};

use super::*;
use crate::clock::Clock;
use crate::db::{Db, Pool, PoolSettings};
use crate::documents::Files;
use crate::graphql::RequestParts;
use crate::graphql::gate::{Ask, Gate, Limits};
use crate::graphql::nullable::NullableFields;
use crate::i18n::Locale;
use crate::ids::IdSource;
use crate::paging::CursorKey;
use crate::viewer::{SignedInIdentity, Viewer};

const SECRET: &str = "relation \"members\" does not exist at 10.1.2.3";

struct Query;

struct Item(i32);

#[Object]
impl Item {
    async fn odd(&self) -> async_graphql::Result<Option<i32>> {
        self.strict().map(Some)
    }

    async fn odd_or_nothing(&self) -> async_graphql::Result<i32> {
        self.strict()
    }
}

impl Item {
    fn strict(&self) -> async_graphql::Result<i32> {
        if self.0 % 2 == 0 {
            return Err(async_graphql::Error::new(SECRET));
        }
        Ok(self.0)
    }
}

struct Even(i32);

#[Scalar]
impl ScalarType for Even {
    fn parse(value: Value) -> async_graphql::InputValueResult<Self> {
        let number = <i32 as ScalarType>::parse(value).map_err(|_| "a number is required")?;
        if number % 2 == 0 {
            return Ok(Self(number));
        }
        Err("an even number is required".into())
    }

    fn to_value(&self) -> Value {
        Value::Null
    }
}

/// Panics with the text that no client may see.
fn bug() -> i32 {
    panic!("{SECRET}")
}

#[Object]
impl Query {
    async fn fine(&self) -> i32 {
        1
    }

    async fn leaky(&self) -> async_graphql::Result<Option<i32>> {
        Err(std::io::Error::other(SECRET).into())
    }

    async fn items(&self) -> Vec<Item> {
        vec![Item(0), Item(1), Item(2)]
    }

    async fn items_or_null(&self) -> Vec<Option<Item>> {
        vec![Some(Item(0)), Some(Item(1)), None]
    }

    async fn leaky_in_words(&self) -> async_graphql::Result<i32> {
        Err(async_graphql::Error::new(SECRET))
    }

    async fn refused(&self) -> async_graphql::Result<Option<i32>> {
        let error = async_graphql::Error::new("Ask your administrator.");
        Err(error.extend_with(|_, extensions| extensions.set("code", "FORBIDDEN")))
    }

    async fn panicking(&self) -> i32 {
        bug()
    }

    async fn endless(&self) -> i32 {
        std::future::pending().await
    }

    async fn key(&self, key: uuid::Uuid) -> String {
        key.to_string()
    }

    async fn even(&self, number: Even) -> i32 {
        number.0
    }
}

fn request() -> Request {
    let pool = || {
        Pool::lazy(
            "postgres://portico_app@localhost/none",
            PoolSettings::default(),
        )
        .unwrap()
    };
    let person = SignedInIdentity {
        identity: IdSource.fresh(),
        session: IdSource.fresh(),
    };
    Request::new(RequestParts {
        db: Db::new(pool(), pool(), Clock::default()),
        viewer: Viewer::Federated(person),
        locale: Locale::En,
        correlation_id: "c-1".to_owned(),
        cursors: Arc::new(CursorKey::new(b"secret").unwrap()),
        files: Files::new(
            "/nowhere".into(),
            b"secret",
            "http://portal.test".parse().unwrap(),
        )
        .unwrap(),
    })
}

async fn run(query: &str) -> (Outcome, Json) {
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription)
        .extension(NullableFields)
        .finish();
    let gate = Gate::new(&schema.sdl(), Limits::default()).unwrap();
    let admitted = gate
        .admit(Ask {
            query,
            ..Ask::default()
        })
        .unwrap();
    let frame = Frame {
        correlation_id: "c-1",
        locale: Locale::En,
        cost: None,
    };
    let answer = execute(
        &schema,
        admitted,
        request(),
        frame,
        Duration::from_millis(50),
    )
    .await;
    let text = String::from_utf8(answer.body).unwrap();
    assert!(
        !text.contains("members") && !text.contains("10.1.2.3"),
        "{text}"
    );
    (answer.outcome, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn what_was_not_written_for_clients_is_masked_and_the_rest_of_the_answer_stays() {
    let (outcome, answer) = run("{ fine leaky }").await;

    assert_eq!(outcome, Outcome::Errors);
    assert_eq!(
        answer["data"],
        json!({ "fine": 1, "leaky": null }),
        "{answer:#}"
    );
    let error = &answer["errors"][0];
    assert_eq!(error["path"], json!(["leaky"]));
    assert_eq!(error["extensions"], json!({ "code": "INTERNAL" }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Something went wrong on our side")
    );
    assert_eq!(answer["extensions"]["correlationId"], "c-1");
}

#[tokio::test]
async fn an_error_stops_at_the_nearest_place_that_may_be_null() {
    let (_, fields) = run("{ items { odd } fine }").await;
    assert_eq!(
        fields["data"],
        json!({ "items": [{ "odd": null }, { "odd": 1 }, { "odd": null }], "fine": 1 })
    );
    assert_eq!(fields["errors"].as_array().unwrap().len(), 2);

    let (_, items) = run("{ itemsOrNull { oddOrNothing } fine }").await;
    assert_eq!(
        items["data"],
        json!({ "itemsOrNull": [null, { "oddOrNothing": 1 }, null], "fine": 1 })
    );
    assert_eq!(
        items["errors"][0]["path"],
        json!(["itemsOrNull", 0, "oddOrNothing"])
    );
}

#[tokio::test]
async fn an_error_that_reaches_the_root_has_null_data_because_execution_began() {
    let (outcome, answer) = run("{ leakyInWords }").await;

    assert_eq!(outcome, Outcome::Errors);
    assert_eq!(answer.get("data"), Some(&Json::Null));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL");
}

#[tokio::test]
async fn an_error_with_our_code_is_passed_on() {
    let (_, answer) = run("{ refused }").await;

    assert_eq!(answer["errors"][0]["message"], "Ask your administrator.");
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({ "code": "FORBIDDEN" })
    );
}

#[tokio::test]
async fn a_scalar_that_cannot_be_read_is_the_clients_fault() {
    for (query, sentence) in [
        ("{ even(number: 3) }", "an even number is required"),
        ("{ even(number: true) }", "a number is required"),
        ("{ key(key: 3) }", "Expected input type \"UUID\""),
    ] {
        let (_, answer) = run(query).await;

        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "INVALID_INPUT", "{answer}");
        assert!(error["message"].as_str().unwrap().contains(sentence));
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_without_its_words() {
    let (outcome, answer) = run("{ fine panicking }").await;

    assert_eq!(outcome, Outcome::Panic);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(answer.get("data"), None);
}

#[tokio::test]
async fn what_takes_too_long_is_stopped() {
    let (outcome, answer) = run("{ endless }").await;

    assert_eq!(outcome, Outcome::Timeout);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT");
}
