//! Asks every domain and merges the answers. Each source answers no more than a page needs, so that the cost is that of
//! the sources and not of the data.

use crate::calendar::WorkCalendar;
use crate::db::{Snapshot, Tx};
use crate::error::Failure;
use crate::ids::MemberId;
use crate::viewer::Viewer;
use crate::waiting::{self, Kind, Rank, Source, Waiting, Wanted, Whose};
use crate::{calendar, customers, incentives, opportunities, organisation, resellers};

/// What a viewer asks for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) whose: Whose,
    /// Only these kinds; all when absent.
    pub(super) kinds: Option<Vec<Kind>>,
    pub(super) after: Option<Rank>,
    pub(super) first: u32,
}

impl Asked {
    /// All kinds, to be counted only.
    pub(super) fn count(whose: Whose) -> Self {
        Self {
            whose,
            kinds: None,
            after: None,
            first: 0,
        }
    }

    fn has(&self, kind: Kind) -> bool {
        self.kinds
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&kind))
    }
}

/// One page of the inbox.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) items: Vec<Item>,
    pub(super) has_next: bool,
}

/// One thing that waits, at the time of the request.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) waiting: Waiting,
    /// Whole working days in which it can still be done, the running one not counted.
    pub(super) working_days_left: Option<i64>,
}

/// The first of all that waits, from a place on.
pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    asked: &Asked,
) -> Result<Inbox, Failure> {
    let mut tx = snapshot.read().await?;
    let most = i64::from(asked.first) + 1;
    let mut found = Vec::new();
    for (source, whose) in sources(viewer, &mut tx, asked).await? {
        let wanted = Wanted {
            whose,
            after: asked.after.clone(),
            most,
        };
        found.extend(waiting::page(&mut tx, &source, &wanted).await?);
    }
    found.sort_by_cached_key(Waiting::rank);
    let first = usize::try_from(asked.first).unwrap_or(usize::MAX);
    let has_next = found.len() > first;
    found.truncate(first);
    let (calendar, now) = (calendar::current(&mut tx).await?, tx.now());
    let item = |waiting: Waiting| Item {
        working_days_left: waiting.due_until.map(|due| left(&calendar, now, due)),
        waiting,
    };
    Ok(Inbox {
        items: found.into_iter().map(item).collect(),
        has_next,
    })
}

/// How many of each kind wait in all; kinds that the viewer has nothing to do with are left out.
pub(super) async fn counts(
    viewer: &Viewer,
    snapshot: &Snapshot,
    asked: &Asked,
) -> Result<Vec<(Kind, i64)>, Failure> {
    let mut tx = snapshot.read().await?;
    let mut counts = Vec::new();
    for (source, whose) in sources(viewer, &mut tx, asked).await? {
        let count = waiting::count(&mut tx, &source, whose).await?;
        counts.push((source.kind, count));
    }
    Ok(counts)
}

/// The questions of all domains that concern the viewer.
async fn sources(
    viewer: &Viewer,
    tx: &mut Tx,
    asked: &Asked,
) -> Result<Vec<(Source, Whose)>, Failure> {
    let mut sources = organisation::invitations::waiting(viewer, tx).await?;
    sources.extend(organisation::personnel::waiting(viewer, tx).await?);
    sources.extend(organisation::programmes::waiting(viewer, tx));
    sources.extend(organisation::main_account::waiting(viewer, tx));
    sources.extend(resellers::waiting(viewer, tx));
    sources.extend(customers::waiting(viewer, tx));
    sources.extend(opportunities::waiting(viewer, tx).await?);
    sources.extend(incentives::waiting(viewer, tx));
    let sources = sources.into_iter();
    Ok(sources
        .filter(|source| asked.has(source.kind))
        .filter_map(|source| {
            let whose = asked.whose.of(viewer, (source.read, source.act))?;
            Some((source, whose))
        })
        .collect())
}

/// The end is the first instant that is too late, so the day before it is the last that counts.
fn left(
    calendar: &WorkCalendar,
    now: chrono::DateTime<chrono::Utc>,
    due_until: chrono::DateTime<chrono::Utc>,
) -> i64 {
    calendar.working_days_between(now, due_until - chrono::TimeDelta::microseconds(1))
}

/// Whose things are asked for: the member's own and nobody's, or all of its organisation.
pub(super) fn mine(viewer: &Viewer) -> Whose {
    match viewer {
        Viewer::Member(member) => Whose::OwnOrNobodys(member.member),
        // A machine has nothing of its own.
        Viewer::Service(_) | Viewer::Federated(_) => {
            Whose::OwnOrNobodys(MemberId(uuid::Uuid::nil()))
        }
    }
}
