//! What can be joined, and what stands in the way: the page on which one joins.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::super::model::{self, Agreement, Definition, Target, Term};
use super::super::policy;
use super::super::service::{self, Standing};
use super::loaders::AgreementCode;
use super::objects::{
    PartnerPath, PathMembershipObject, Programme, ProgrammeInvitationObject,
    ProgrammeMembershipObject,
};
use super::organisation::VendorContactObject;
use crate::graphql::{
    ActionPermission, ContextExt as _, Date, Read, Result, answer, global_id, loaded,
};
use crate::ids::OrganisationId;

/// One version of what one agrees to by joining (R-PRG-15).
pub(crate) struct AgreementObject(Agreement);

/// One version of what one agrees to by joining, in the language of the request (R-PRG-15).
#[Object(name = "Agreement")]
impl AgreementObject {
    /// Which agreement.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Send it as agreementVersion: an older one is refused.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The first day of this version.
    async fn effective_from(&self) -> Date {
        Date(self.0.effective_from)
    }

    /// What it is called.
    async fn title(&self, ctx: &Context<'_>) -> &str {
        self.0.title.of(ctx.locale())
    }

    /// What the person who joins confirms (isCommitmentConfirmed).
    async fn commitment(&self, ctx: &Context<'_>) -> &str {
        self.0.commitment.of(ctx.locale())
    }

    /// The text of the agreement (isAgreementAccepted).
    async fn body(&self, ctx: &Context<'_>) -> &str {
        self.0.body.of(ctx.locale())
    }
}

/// What a programme and a path tell alike.
struct Offer {
    standing: Arc<Standing>,
    target: Target,
    definition: Definition,
}

impl Offer {
    async fn agreement(&self, ctx: &Context<'_>) -> Result<Option<AgreementObject>> {
        let code = AgreementCode(self.definition.agreement.clone());
        Ok(loaded(ctx, code).await?.map(AgreementObject))
    }

    fn can_join(&self, ctx: &Context<'_>) -> ActionPermission {
        let standing = &self.standing;
        let verdict = policy::join(
            ctx.viewer(),
            (self.target, Some(&self.definition)),
            (&standing.account, &standing.contact),
        );
        ActionPermission::new(ctx, verdict)
    }

    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<ProgrammeInvitationObject>> {
        let Some(open) = self.standing.account.invitation(self.target) else {
            return Ok(None);
        };
        let found = loaded(ctx, open.id).await?;
        Ok(found.map(|(one, now)| ProgrammeInvitationObject(one, now)))
    }
}

struct ProgrammeOffer(Offer, model::Programme);

/// A programme as one organisation sees it: what it asks for, where the organisation stands, and what keeps it from joining.
#[Object(name = "ProgrammeOffer")]
impl ProgrammeOffer {
    /// Which programme.
    async fn programme(&self) -> Programme {
        self.1.into()
    }

    /// Whether it is joined by the vendor's invitation alone (R-PRG-5).
    async fn is_by_invitation(&self) -> bool {
        self.0.definition.has(Term::ByInvitation)
    }

    /// Whether the vendor decides on whoever applies; if not, joining takes effect at once.
    async fn is_reviewed(&self) -> bool {
        self.0.definition.has(Term::Reviewed)
    }

    /// For how many months a membership holds; null for one without an end.
    async fn valid_months(&self) -> Option<u32> {
        self.0.definition.valid_months
    }

    /// What one signs by joining.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<Option<AgreementObject>> {
        self.0.agreement(ctx).await
    }

    /// The organisation's membership or application, former ones included; null when there never was one.
    async fn membership(&self) -> Option<ProgrammeMembershipObject> {
        let memberships = &self.0.standing.account.memberships;
        let found = memberships.of(self.1).cloned();
        found.map(|one| ProgrammeMembershipObject(one, memberships.day))
    }

    /// The vendor's invitation that can be taken up now; null when there is none.
    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<ProgrammeInvitationObject>> {
        self.0.invitation(ctx).await
    }

    /// Whether the viewer may join for the organisation, and everything that stands in the way at once, each with what to
    /// do and whom to ask (R-PRG-2, R-PRG-16).
    async fn can_join(&self, ctx: &Context<'_>) -> ActionPermission {
        self.0.can_join(ctx)
    }

    /// Whom of the vendor to ask.
    async fn ecosystem_manager(&self) -> VendorContactObject {
        (&self.0.standing.contact).into()
    }
}

struct PathOffer(Offer, model::Path);

/// A development path as one organisation sees it.
#[Object(name = "PathOffer")]
impl PathOffer {
    /// Which path.
    async fn path(&self) -> PartnerPath {
        self.1.into()
    }

    /// Whether it is chosen by the vendor's invitation alone (R-PRG-5).
    async fn is_by_invitation(&self) -> bool {
        self.0.definition.has(Term::ByInvitation)
    }

    /// What one signs by choosing it.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<Option<AgreementObject>> {
        self.0.agreement(ctx).await
    }

    /// The organisation's place on it, a former one included; null when there never was one.
    async fn membership(&self) -> Option<PathMembershipObject> {
        let mut paths = self.0.standing.account.paths.iter();
        let found = paths.find(|one| one.path == self.1).cloned();
        found.map(PathMembershipObject)
    }

    /// The vendor's invitation that can be taken up now; null when there is none.
    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<ProgrammeInvitationObject>> {
        self.0.invitation(ctx).await
    }

    /// Whether the viewer may choose it for the organisation, and everything that stands in the way at once (R-PRG-2).
    async fn can_join(&self, ctx: &Context<'_>) -> ActionPermission {
        self.0.can_join(ctx)
    }

    /// Whom of the vendor to ask.
    async fn ecosystem_manager(&self) -> VendorContactObject {
        (&self.0.standing.contact).into()
    }
}

/// The account that is asked about, when the viewer may read it and it is a partner's.
async fn asked(ctx: &Context<'_>, id: Option<ID>) -> Result<Option<Arc<Standing>>> {
    let asked = match id {
        Some(id) => Some(global_id::<OrganisationId>(&id)),
        None => ctx.viewer().organisation(),
    };
    let Some(asked) = asked else { return Ok(None) };
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let found = service::standing_of(viewer, snapshot, asked).await;
    Ok(answer(ctx, found)?.map(Arc::new))
}

#[derive(Default)]
pub(crate) struct ProgrammeQuery;

#[Object]
impl ProgrammeQuery {
    /// All programmes as the viewer's organisation sees them; the vendor's people name an organisation. Null when there
    /// is no partner of this id that the viewer may read.
    async fn programmes(
        &self,
        ctx: &Context<'_>,
        organisation_id: Option<ID>,
    ) -> Result<Option<Vec<ProgrammeOffer>>> {
        let Some(standing) = asked(ctx, organisation_id).await? else {
            return Ok(None);
        };
        let all = standing.catalogue.programmes.iter();
        let offer = |(programme, definition): (&model::Programme, &Definition)| {
            let offer = Offer {
                standing: Arc::clone(&standing),
                target: Target::Programme(*programme),
                definition: definition.clone(),
            };
            ProgrammeOffer(offer, *programme)
        };
        Ok(Some(all.map(offer).collect()))
    }

    /// All development paths as the viewer's organisation sees them; otherwise like programmes.
    async fn paths(
        &self,
        ctx: &Context<'_>,
        organisation_id: Option<ID>,
    ) -> Result<Option<Vec<PathOffer>>> {
        let Some(standing) = asked(ctx, organisation_id).await? else {
            return Ok(None);
        };
        let all = standing.catalogue.paths.iter();
        let offer = |(path, definition): (&model::Path, &Definition)| {
            let offer = Offer {
                standing: Arc::clone(&standing),
                target: Target::Path(*path),
                definition: definition.clone(),
            };
            PathOffer(offer, *path)
        };
        Ok(Some(all.map(offer).collect()))
    }
}
