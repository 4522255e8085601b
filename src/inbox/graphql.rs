//! How the inbox looks to a client. Translation only.

mod navigation;

use std::collections::BTreeMap;

use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};

pub(crate) use navigation::NavigationQuery;

use super::service::{self, Asked, Item};
use crate::error::{Code, Refusal};
use crate::graphql::{
    ContextExt as _, Money, Node, PageInput, Read, Result, answer, found_node, loaded, refused,
};
use crate::i18n;
use crate::organisation::MemberObject;
use crate::paging::{Direction, LARGEST_COUNT, Position, Sort, SortKey, Window};
use crate::waiting::{self, Kind, Rank, Whose};

/// What is to be done. New kinds may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "waiting::Kind")]
enum InboxKind {
    /// Accept or reject what the vendor shared, before it is taken back.
    AnswerSharedOpportunity,
    /// Confirm persons and amount, before the amount lapses.
    ConfirmIncentive,
    /// Mend what the vendor refused, and submit it again.
    MendOpportunity,
    /// Report progress of a deal that stands still.
    UpdateStalledOpportunity,
    /// Name somebody who looks after the reseller.
    AssignAccountManager,
    /// Name somebody who looks after the customer.
    AssignCustomerAccountManager,
    /// Send an invitation again that is about to expire.
    RenewInvitation,
    /// Decide on a partner's application to a programme.
    ReviewProgrammeApplication,
    /// Take the main account over, before the offer expires.
    AcceptMainAccount,
    /// Review what a partner submitted.
    ReviewOpportunity,
    /// Validate with the customer what passed the review.
    ValidateOpportunity,
    /// Decide what a partner asked for a dedicated person.
    ReviewDedicatedPerson,
    /// Apply again for a person whose application the vendor refused.
    MendDedicatedApplication,
    /// Send a dedicated person's invitation again that is about to expire.
    RenewDedicatedInvitation,
}

/// Whose things are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum InboxScope {
    /// What is in the viewer's hands, and what is in nobody's yet and open to the viewer.
    Mine,
    /// All that waits on the viewer's organisation and is open to the viewer.
    Organisation,
}

struct InboxItem(Item);

/// One thing that waits to be done.
#[Object]
impl InboxItem {
    /// What is to be done.
    async fn kind(&self) -> InboxKind {
        self.0.waiting.kind.into()
    }

    /// With what; null when it was taken away since.
    async fn object(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        found_node(ctx, self.0.waiting.object).await
    }

    /// A sentence that says what to do, in the language of the request (zh-CN or en).
    async fn title(&self, ctx: &Context<'_>) -> String {
        let waiting = &self.0.waiting;
        let params = BTreeMap::from([
            ("number", waiting.number.clone()),
            ("name", waiting.name.clone()),
        ]);
        let key = format!("INBOX_{}", waiting.kind.as_str());
        i18n::sentence(&key, &params, ctx.locale()).unwrap_or_else(|| waiting.number.clone())
    }

    /// The first instant that is too late; null when nothing happens by itself.
    async fn due_until(&self) -> Option<DateTime<Utc>> {
        self.0.waiting.due_until
    }

    /// Working days in which it can still be done after today; 0 on the last day, null without a deadline.
    async fn remaining_working_days(&self) -> Option<i64> {
        self.0.working_days_left
    }

    /// What is lost, or not earned, if nothing is done: an incentive's amount, what a deal is expected to bring.
    async fn money_at_risk(&self) -> Option<Money> {
        self.0.waiting.money.map(Money::from)
    }

    /// Since when it waits.
    async fn since(&self) -> DateTime<Utc> {
        self.0.waiting.since
    }

    /// The mutation that does it; null where it is not done in the portal yet.
    async fn action(&self) -> Option<&'static str> {
        self.0.waiting.kind.action()
    }

    /// In whose hands it is; null when it is in nobody's.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.0.waiting.owner {
            Some(owner) => Ok(loaded(ctx, owner).await?.map(MemberObject)),
            None => Ok(None),
        }
    }
}

/// How many things of one kind wait.
#[derive(SimpleObject)]
struct InboxCount {
    /// What is to be done.
    kind: InboxKind,
    /// How many, up to 1,000.
    count: i64,
    /// Whether there are more than count says.
    count_is_capped: bool,
}

/// What an inbox holds beside its page.
#[derive(SimpleObject)]
struct InboxCounts {
    /// How many of each kind there are in all, of those that the viewer can have; null when it was not selected.
    counts: Option<Vec<InboxCount>>,
}

/// The order of the inbox, for its cursors: there is one.
const SORT: Sort = Sort {
    name: "INBOX",
    column: "due_until",
    direction: Direction::Ascending,
};

fn cursor(ctx: &Context<'_>, item: &Item) -> String {
    let rank = item.waiting.rank();
    let key = serde_json::to_string(&rank).unwrap_or_default();
    let at = Position {
        key: SortKey::Text(key),
        id: item.waiting.object.id,
    };
    ctx.cursors().encode(SORT, at)
}

/// The place that a cursor of ours names; the signature keeps anybody from making one up.
fn place(ctx: &Context<'_>, window: &Window) -> Result<(u32, Option<Rank>)> {
    let Window::First { count, after } = window else {
        return Err(refused(
            ctx,
            &Refusal::new(Code::InvalidInput, "CURSOR_INVALID").at("after"),
        ));
    };
    let rank = match after.as_ref().map(|position| &position.key) {
        Some(SortKey::Text(key)) => serde_json::from_str(key).ok(),
        Some(SortKey::Instant(_)) | None => None,
    };
    Ok((*count, rank))
}

#[derive(Default)]
pub(crate) struct InboxQuery;

#[Object]
impl InboxQuery {
    /// All that waits on the viewer or its organisation, over all domains: the least working time left first, then the
    /// most money at risk, then the longest wait. What the viewer can neither do nor has in hand is not in it.
    #[expect(
        clippy::too_many_arguments,
        reason = "scope, kinds and the two paging arguments of a list that runs one way"
    )]
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "InboxScope::Mine")] scope: InboxScope,
        kinds: Option<Vec<InboxKind>>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<Connection<String, InboxItem, InboxCounts, EmptyFields>>> {
        let page = PageInput {
            first,
            after,
            ..PageInput::default()
        };
        let (first, after) = place(ctx, &page.window(ctx, SORT)?)?;
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let has_previous = after.is_some();
        let asked = Asked {
            whose: match scope {
                InboxScope::Mine => service::mine(viewer),
                InboxScope::Organisation => Whose::All,
            },
            kinds: kinds.map(|kinds| kinds.into_iter().map(Kind::from).collect()),
            after,
            first,
        };
        let inbox = answer(ctx, service::list(viewer, snapshot, &asked).await)?;
        let counts = if ctx.look_ahead().field("counts").exists() {
            let counts = service::counts(viewer, snapshot, &asked).await;
            Some(
                answer(ctx, counts)?
                    .into_iter()
                    .map(InboxCount::from)
                    .collect(),
            )
        } else {
            None
        };
        let mut connection = Connection::with_additional_fields(
            has_previous,
            inbox.has_next,
            InboxCounts { counts },
        );
        let edges = inbox.items.into_iter();
        let edges = edges.map(|item| Edge::new(cursor(ctx, &item), InboxItem(item)));
        connection.edges.extend(edges);
        Ok(Some(connection))
    }
}

impl From<(Kind, i64)> for InboxCount {
    fn from((kind, count): (Kind, i64)) -> Self {
        Self {
            kind: kind.into(),
            count: count.min(LARGEST_COUNT),
            count_is_capped: count > LARGEST_COUNT,
        }
    }
}
