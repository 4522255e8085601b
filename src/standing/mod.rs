//! Whether an organisation may act, and if not, why: asked in one place for every mutation, and for every flag that
//! foretells one (R-GEN-9).
//!
//! The change's runner asks inside its transaction, so that no domain can forget it. What a person does for himself,
//! such as going on as another member, is nobody's act and goes on.

mod store;

use crate::db::{StoreError, Tx};
use crate::error::{Code, Refusal, RefusalData};
use crate::ids::OrganisationId;
use crate::rules::{self, OrganisationFrozen, Ruled};

/// Stands for the cause in the sentence for those whom it does not concern.
const UNTOLD: &str = "untold";

/// What an organisation may do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    Active,
    Frozen(Freeze),
    Closed,
}

/// Why an organisation is frozen, and what goes on all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Freeze {
    pub(crate) cause: String,
    /// What has to happen before the vendor releases it.
    pub(crate) release: String,
    /// The mutations that the rule set leaves open.
    pub(crate) allowed: Vec<String>,
}

impl Standing {
    /// Why this mutation is closed to the organisation, told to its own people.
    pub(crate) fn refusal(&self, action: &str) -> Option<Refusal> {
        match self {
            Self::Active => None,
            Self::Frozen(freeze) if freeze.allowed.iter().any(|allowed| allowed == action) => None,
            Self::Frozen(freeze) => Some(
                Refusal::new(Code::Precondition, "ORGANISATION_FROZEN")
                    .with("cause", &freeze.cause)
                    .with("release", &freeze.release)
                    .data(RefusalData::Frozen {
                        cause: freeze.cause.clone(),
                        release: freeze.release.clone(),
                    }),
            ),
            Self::Closed => Some(Refusal::new(Code::Precondition, "ORGANISATION_CLOSED")),
        }
    }

    /// The same for somebody of no organisation or of another one, whom the cause does not concern.
    pub(crate) fn refusal_to_others(&self, action: &str) -> Option<Refusal> {
        let refusal = self.refusal(action)?;
        Some(match refusal.data {
            Some(RefusalData::Frozen { .. }) => Refusal::new(refusal.code, refusal.reason.0)
                .with("cause", UNTOLD)
                .with("release", UNTOLD),
            _ => refusal,
        })
    }
}

/// How an organisation stands; `None` for one that the transaction cannot see.
pub(crate) async fn of(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Option<Standing>, StoreError> {
    let Some(facts) = store::find(tx, organisation).await? else {
        return Ok(None);
    };
    Ok(Some(match facts {
        store::Facts::Active => Standing::Active,
        store::Facts::Closed => Standing::Closed,
        store::Facts::Frozen { cause, release } => {
            let now = tx.now();
            let rule: Ruled<OrganisationFrozen> =
                rules::of_organisation(tx, organisation, now).await?;
            Standing::Frozen(Freeze {
                cause,
                release,
                allowed: rule.value.allowed,
            })
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frozen() -> Standing {
        Standing::Frozen(Freeze {
            cause: "Bills are overdue.".to_owned(),
            release: "The bills are paid.".to_owned(),
            allowed: vec!["documentPrepare".to_owned()],
        })
    }

    #[test]
    fn r_gen_9_a_frozen_organisation_does_what_is_listed_and_is_told_why_not_the_rest() {
        let frozen = frozen();

        assert_eq!(frozen.refusal("documentPrepare"), None);
        let refused = frozen.refusal("opportunitySubmit").unwrap();
        assert_eq!(refused.reason.0, "ORGANISATION_FROZEN");
        assert_eq!(refused.params["cause"], "Bills are overdue.");
        assert_eq!(refused.params["release"], "The bills are paid.");
    }

    #[test]
    fn the_cause_is_for_the_organisations_own_people() {
        let refused = frozen()
            .refusal_to_others("memberInvitationAccept")
            .unwrap();

        assert_eq!(refused.reason.0, "ORGANISATION_FROZEN");
        assert_eq!(
            (refused.params["cause"].as_str(), refused.data),
            (UNTOLD, None)
        );
    }

    #[test]
    fn a_closed_organisation_does_nothing_and_an_active_one_anything() {
        let closed = Standing::Closed.refusal("documentPrepare").unwrap();

        assert_eq!(closed.reason.0, "ORGANISATION_CLOSED");
        assert_eq!(Standing::Active.refusal("documentPrepare"), None);
    }
}
