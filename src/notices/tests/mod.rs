//! The notices of one deal, made and sent by several replicas against real PostgreSQL and a mail server on loopback.

mod explained;
mod keeping;
mod making;
mod post;
mod reminding;
mod retrying;
mod sending;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::post::PostOffice;
use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Acting, Db, Pool, PoolSettings, Scope};
use crate::ids::{IdSource, MemberId, OpportunityId, OrganisationId, Tagged};
use crate::jobs::Job as _;
use crate::notices::model::Channel;
use crate::opportunities::OpportunityNews;
use crate::timeline::Event;

/// A partner's deal with an owner who reads Chinese and a colleague who reads English and hands it in, and a reviewer
/// of the vendor.
struct Deal {
    test: TestDb,
    clock: Clock,
    partner: OrganisationId,
    owner: MemberId,
    colleague: MemberId,
    reviewer: MemberId,
    opportunity: OpportunityId,
    version: i64,
}

fn id<I: Tagged>() -> I {
    IdSource.fresh()
}

impl Deal {
    async fn new() -> Self {
        Self::at("2026-11-23T02:00:00Z").await
    }

    async fn at(now: &str) -> Self {
        let deal = Self {
            test: TestDb::new().await,
            clock: Clock::fixed(now.parse().unwrap()),
            partner: id(),
            owner: id(),
            colleague: id(),
            reviewer: id(),
            opportunity: id(),
            version: 1,
        };
        let vendor: OrganisationId = id();
        deal.organisation(vendor, "VENDOR").await;
        deal.organisation(deal.partner, "PARTNER").await;
        deal.member(deal.partner, deal.owner, "owner", "zh-CN")
            .await;
        deal.member(deal.partner, deal.colleague, "colleague", "en")
            .await;
        deal.member(vendor, deal.reviewer, "reviewer", "zh-CN")
            .await;
        deal.execute(
            "INSERT INTO opportunities (organisation_id, id, number, origin, name, owner_member_id, review_state,
                 review_round, created_at, submitted_at, updated_at)
             VALUES ($1, $2, 'OPP-2026-7F3K9Q', 'PARTNER', 'A Deal', $3, 'UNDER_REVIEW', 1, $4, $4, $4)",
            &[deal.partner.0, deal.opportunity.0, deal.owner.0],
        )
        .await;
        deal
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.process()
    }

    /// One statement as the owner of all rows; the time follows the ids.
    async fn execute(&self, sql: &'static str, ids: &[Uuid]) {
        let mut owner = self.test.connect("portico_owner").await;
        let mut query = sqlx::query(sql);
        for id in ids {
            query = query.bind(*id);
        }
        query.bind(self.now()).execute(&mut owner).await.unwrap();
    }

    async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query_scalar(sql).fetch_all(&mut owner).await.unwrap()
    }

    async fn organisation(&self, organisation: OrganisationId, kind: &str) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, $2, $2, $2, 'NORTH', $3)",
        )
        .bind(organisation.0)
        .bind(kind)
        .bind(self.now())
        .execute(&mut owner)
        .await
        .unwrap();
    }

    async fn member(
        &self,
        organisation: OrganisationId,
        member: MemberId,
        name: &str,
        language: &str,
    ) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO members (organisation_id, id, account_name, name, email, mobile, created_at, language)
             VALUES ($1, $2, $3, $3, $3 || '@partner.example', '+8613800000000', $4, $5)",
        )
        .bind(organisation.0)
        .bind(member.0)
        .bind(name)
        .bind(self.now())
        .bind(language)
        .execute(&mut owner)
        .await
        .unwrap();
    }

    fn replica(&self) -> Db {
        let pool = |role| Pool::lazy(&self.test.url(role), PoolSettings::default()).unwrap();
        Db::new(
            pool("portico_app"),
            pool("portico_staff"),
            self.clock.clone(),
        )
    }

    /// Writes an entry into the deal's history.
    async fn happen(&mut self, actor: MemberId, action: &'static str) {
        self.version += 1;
        let acting = Acting {
            actor: actor.global(),
            correlation_id: "test".to_owned(),
        };
        let db = self.replica();
        let mut tx = db.begin(&Scope::Vendor, &acting).await.unwrap();
        let event = Event::new(self.partner, self.opportunity, self.version, action);
        let event = match action {
            "opportunity.review_rejected" => event.because("请补充预算 & 时间"),
            "opportunity.reviewer_assigned" | "opportunity.owner_assigned" => {
                event.detail(serde_json::json!({ "to": self.colleague.global() }))
            }
            "opportunity.submitted" => event.detail(serde_json::json!({ "round": 2 })),
            _ => event,
        };
        tx.record(event).await.unwrap();
        tx.commit().await.unwrap();
        crate::feed::relay(&db).await.unwrap();
    }

    /// Handed in by the colleague and refused by the reviewer.
    async fn refused() -> Self {
        let mut deal = Self::new().await;
        deal.happen(deal.colleague, "opportunity.submitted").await;
        deal.happen(deal.reviewer, "opportunity.review_rejected")
            .await;
        deal
    }

    async fn make(&self, db: &Db) {
        making(Channel::Email).run(db).await.unwrap();
    }

    /// The deliveries as `state attempts error`, in the order of the addresses.
    async fn deliveries(&self) -> Vec<String> {
        self.texts(
            "SELECT split_part(email, '@', 1) || ' ' || sent.state || ' ' || attempts || coalesce(' ' || last_error, '')
             FROM notice_deliveries sent JOIN notices ON notices.id = notice_id JOIN members ON members.id = member_id
             ORDER BY email, channel",
        )
        .await
    }

    async fn notices(&self) -> Vec<String> {
        self.texts(
            "SELECT split_part(email, '@', 1) || ' ' || kind FROM notices JOIN members ON members.id = member_id
             ORDER BY email, kind",
        )
        .await
    }

    fn wait(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }
}

fn making(channel: Channel) -> Making {
    Making {
        announcers: Announcers::new(vec![Box::new(OpportunityNews)]),
        channels: [channel].into(),
        stop: CancellationToken::new(),
    }
}

fn delivering(office: &PostOffice) -> Delivering {
    let mail = Mail {
        transport: MailTransport::smtp(&office.url()).unwrap(),
        from: "Portal <no-reply@portal.example>".parse().unwrap(),
        host: "portal.example".to_owned(),
    };
    Delivering {
        channels: Channels {
            mail: Some(mail),
            sms: None,
        },
        link: Link("https://portal.example/?id={id}".to_owned()),
        outstanding: Outstanding::default(),
        stop: CancellationToken::new(),
    }
}
