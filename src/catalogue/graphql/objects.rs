//! The vendor's facts as objects.

use async_graphql::{Context, Enum, ID, Object};

use super::super::model::{self, CloudService, Offering, Office};
use crate::graphql::{ContextExt as _, Result, loaded};
use crate::i18n::Locale;
use crate::ids::Tagged as _;
use crate::organisation::OrganisationObject;

/// What an offering is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::OfferingKind")]
pub(crate) enum OfferingKind {
    /// A product in the vendor's marketplace.
    MarketplaceProduct,
    /// A solution that the vendor has examined (基线解决方案).
    BaselineSolution,
}

/// Whether something of a catalogue can still be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::ListState")]
pub(crate) enum OfferingListState {
    /// Can be chosen.
    Active,
    /// Cannot be chosen any more; stays readable where it was chosen.
    Retired,
}

pub(crate) struct OfferingObject(pub(crate) Offering);

/// What a partner sells and delivers, as the vendor has it on its list.
#[Object(name = "Offering")]
impl OfferingObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// The vendor's code for it, unique within the partner.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is.
    async fn kind(&self) -> OfferingKind {
        self.0.kind.into()
    }

    /// Whether the product is on the vendor's list of joint operation.
    async fn is_joint_operation(&self) -> bool {
        self.0.joint_operation
    }

    /// The needs that it answers. An opportunity that names it has these tags.
    async fn demand_tags(&self) -> &[String] {
        &self.0.demand_tags
    }

    /// Whether it can be chosen.
    async fn state(&self) -> OfferingListState {
        self.0.state.into()
    }

    /// The partner whose it is.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let found = loaded(ctx, self.0.organisation).await?;
        Ok(found.map(OrganisationObject))
    }
}

fn in_language<'a>(ctx: &Context<'_>, chinese: &'a str, english: &'a str) -> &'a str {
    match ctx.locale() {
        Locale::ZhCn => chinese,
        Locale::En => english,
    }
}

pub(crate) struct OfficeObject(pub(crate) Office);

/// A representative office of the vendor (代表处).
#[Object(name = "Office")]
impl OfficeObject {
    /// The vendor's code for it; unique.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is called, in the language of the request.
    async fn name(&self, ctx: &Context<'_>) -> &str {
        in_language(ctx, &self.0.name_zh, &self.0.name_en)
    }
}

pub(crate) struct CloudServiceObject(pub(crate) CloudService);

/// One of the vendor's cloud services.
#[Object(name = "CloudService")]
impl CloudServiceObject {
    /// The vendor's code for it; unique.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is called, in the language of the request.
    async fn name(&self, ctx: &Context<'_>) -> &str {
        in_language(ctx, &self.0.name_zh, &self.0.name_en)
    }

    /// Whether it can be chosen.
    async fn state(&self) -> OfferingListState {
        self.0.state.into()
    }
}
