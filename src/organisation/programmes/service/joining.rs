//! A partner joins: at once, or by an application that the vendor decides.

use serde_json::json;

use super::{Standing, check_reason, lock, standing, today};
use crate::db::{Change, Scope, StoreError, Tx};
use crate::error::{Code, Failure, Faults, Refusal};
use crate::ids::{MemberId, PathMembershipId, ProgrammeMembershipId, Tagged as _};
use crate::organisation::programmes::error::ProgrammeRefusal;
use crate::organisation::programmes::model::{
    self, Agreement, Definition, MembershipState, Path, PathMembership, PathStage, PathState,
    Programme, ProgrammeMembership, Term,
};
use crate::organisation::programmes::{policy, store};
use crate::organisation::service::lock_own;
use crate::timeline::{Event, ObjectRef};
use crate::viewer::Viewer;

/// What a person ticks by joining (R-PRG-15).
#[derive(Debug, Clone, Copy)]
pub(in crate::organisation::programmes) struct Consent {
    /// The version of the agreement that was shown.
    pub(in crate::organisation::programmes) agreement_version: i32,
    pub(in crate::organisation::programmes) commitment: bool,
    pub(in crate::organisation::programmes) agreement: bool,
}

impl Consent {
    fn check(self, agreement: &Agreement) -> Result<(), Failure> {
        let mut faults = Faults::default();
        if !self.commitment {
            faults.add(ProgrammeRefusal::CommitmentNotConfirmed);
        }
        if !self.agreement {
            faults.add(ProgrammeRefusal::AgreementNotAccepted);
        }
        if self.agreement_version != agreement.version {
            let current = agreement.version;
            faults.add(ProgrammeRefusal::AgreementOutdated { current });
        }
        faults.check()
    }
}

/// What joining has come to: nothing stands against it and the agreement is signed.
struct Admitted {
    signer: MemberId,
    standing: Standing,
    definition: Definition,
    agreement: Agreement,
}

/// Locks the organisation, so that two who join take turns, and asks everything that is asked of who joins.
async fn admit(
    tx: &mut Tx,
    scope: &Scope,
    (target, consent): (model::Target, Consent),
) -> Result<Admitted, Failure> {
    let signer = MemberId::parse(&tx.acting().actor).ok_or(ProgrammeRefusal::PersonRequired)?;
    let own = lock_own(tx, scope).await?;
    // Two accounts of one enterprise could join at once: they take turns (R-PRG-6).
    store::take_enterprise_turn(tx, own.id).await?;
    let standing = standing(tx, scope, own.id).await?;
    let definition = standing.catalogue.definition(target).cloned();
    let found = (target, definition.as_ref());
    policy::joining(found, (&standing.account, &standing.contact)).check()?;
    // Without a definition it was refused.
    let definition = definition.ok_or(StoreError::Rule("programme.catalogue"))?;
    let day = today(tx);
    let agreement = store::agreements(tx, std::slice::from_ref(&definition.agreement), day)
        .await?
        .pop()
        .ok_or(StoreError::Rule("programme.catalogue"))?;
    consent.check(&agreement)?;
    if let Some(invitation) = standing.account.invitation(target)
        && definition.has(Term::ByInvitation)
    {
        let version = store::record_invitation(tx, invitation.id, "ACCEPTED").await?;
        let accepted = Event::new(
            own.id,
            invitation.id,
            version,
            "programme_invitation.accepted",
        );
        tx.record(accepted.moved("SENT", "ACCEPTED")).await?;
    }
    Ok(Admitted {
        signer,
        standing,
        definition,
        agreement,
    })
}

impl Admitted {
    async fn sign(&self, tx: &mut Tx, object: ObjectRef) -> Result<(), Failure> {
        let organisation = self.standing.organisation;
        let signed = (self.agreement.code.as_str(), self.agreement.version);
        Ok(store::sign(tx, (organisation, self.signer), object, signed).await?)
    }

    fn details(&self) -> serde_json::Value {
        json!({ "agreement": self.agreement.code, "agreementVersion": self.agreement.version })
    }
}

/// Joins a programme (R-PRG-15): its rights begin in this transaction, unless the vendor has to decide first.
#[derive(Debug, Clone, Copy)]
pub(in crate::organisation::programmes) struct Join {
    pub(in crate::organisation::programmes) programme: Programme,
    pub(in crate::organisation::programmes) consent: Consent,
}

impl Change for Join {
    type Outcome = ProgrammeMembershipId;
    const NAME: &'static str = "programmes.join";
    const ACTION: &'static str = "programmeJoin";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<ProgrammeMembershipId, Failure> {
        let target = model::Target::Programme(self.programme);
        let admitted = admit(tx, scope, (target, self.consent)).await?;
        let former = admitted
            .standing
            .account
            .memberships
            .of(self.programme)
            .cloned();
        let from = former.as_ref().map(|former| former.state_on(today(tx)));
        let membership = self.membership(tx, &admitted, former);
        let version = store::write_programme(tx, &membership)
            .await?
            .ok_or_else(|| Refusal::new(Code::Conflict, "TRY_AGAIN"))?;
        let object = membership.id.into();
        admitted.sign(tx, object).await?;
        let action = if membership.state == MembershipState::Active {
            "programme.joined"
        } else {
            "programme.applied"
        };
        let event = Event::new(membership.organisation, object, version, action)
            .moved(
                from.map_or("NONE", MembershipState::as_str),
                membership.state.as_str(),
            )
            .detail(admitted.details());
        tx.record(event).await?;
        Ok(membership.id)
    }
}

impl Join {
    /// A former membership is taken up again: one row tells the whole history.
    fn membership(
        &self,
        tx: &Tx,
        admitted: &Admitted,
        former: Option<ProgrammeMembership>,
    ) -> ProgrammeMembership {
        let day = today(tx);
        let reviewed = admitted.definition.has(Term::Reviewed);
        let (id, version) = former.map_or_else(|| (tx.fresh_id(), 0), |one| (one.id, one.version));
        ProgrammeMembership {
            id,
            organisation: admitted.standing.organisation,
            programme: self.programme,
            state: if reviewed {
                MembershipState::UnderReview
            } else {
                MembershipState::Active
            },
            valid_from: day,
            valid_until: if reviewed {
                None
            } else {
                admitted.definition.valid_until(day)
            },
            tier: None,
            applied_at: Some(tx.now()),
            decided_at: None,
            reason: None,
            version: version + 1,
        }
    }
}

/// Chooses a path (R-PRG-5, R-PRG-6); one begins on it at its first stage (R-PRG-8).
#[derive(Debug, Clone, Copy)]
pub(in crate::organisation::programmes) struct JoinPath {
    pub(in crate::organisation::programmes) path: Path,
    pub(in crate::organisation::programmes) consent: Consent,
}

impl Change for JoinPath {
    type Outcome = PathMembershipId;
    const NAME: &'static str = "paths.join";
    const ACTION: &'static str = "pathJoin";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<PathMembershipId, Failure> {
        let target = model::Target::Path(self.path);
        let admitted = admit(tx, scope, (target, self.consent)).await?;
        let mut paths = admitted.standing.account.paths.iter();
        let former = paths.find(|one| one.path == self.path);
        let (id, version) = former.map_or_else(|| (tx.fresh_id(), 0), |one| (one.id, one.version));
        let membership = PathMembership {
            id,
            organisation: admitted.standing.organisation,
            path: self.path,
            stage: PathStage::Selected,
            state: PathState::Active,
            version: version + 1,
        };
        let version = store::write_path(tx, &membership)
            .await?
            .ok_or_else(|| Refusal::new(Code::Conflict, "TRY_AGAIN"))?;
        admitted.sign(tx, id.into()).await?;
        let from = if former.is_some() { "EXITED" } else { "NONE" };
        let event = Event::new(membership.organisation, id, version, "path.joined")
            .moved(from, "ACTIVE")
            .detail(admitted.details());
        tx.record(event).await?;
        Ok(id)
    }
}

/// Takes an application back before the vendor has decided (R-PRG-17).
#[derive(Debug, Clone)]
pub(in crate::organisation::programmes) struct Withdraw {
    pub(in crate::organisation::programmes) target: super::Target,
    pub(in crate::organisation::programmes) reason: Option<String>,
}

impl Change for Withdraw {
    type Outcome = ProgrammeMembershipId;
    const NAME: &'static str = "programmes.withdraw";
    const ACTION: &'static str = "programmeApplicationWithdraw";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<ProgrammeMembershipId, Failure> {
        let mut membership = lock(tx, scope, self.target).await?;
        if let Some(refusal) = policy::of_application(&membership) {
            return Err(refusal.into());
        }
        let from = membership.state;
        let reason = match self.reason.as_deref() {
            Some(reason) => Some(check_reason(reason)?.to_owned()),
            None => None,
        };
        membership.state = MembershipState::Withdrawn;
        membership.decided_at = Some(tx.now());
        membership.version += 1;
        store::update_programme(tx, &membership).await?;
        let id = membership.id;
        let event = Event::new(
            membership.organisation,
            id,
            membership.version,
            "programme.withdrawn",
        )
        .moved(from.as_str(), MembershipState::Withdrawn.as_str());
        tx.record(match reason {
            Some(reason) => event.because(reason),
            None => event,
        })
        .await?;
        Ok(id)
    }
}
