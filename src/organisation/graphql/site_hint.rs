//! The hint that the viewer's account belongs to another site. Translation only.

use std::collections::BTreeMap;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::SiteValue;
use crate::graphql::{ContextExt as _, Read, Result, UserError, answer, payload};
use crate::i18n;
use crate::identity::site_hints::Dismiss;
use crate::organisation::model::Site;
use crate::organisation::service::site::{self, Sites};

/// The viewer's account belongs to another site than this one.
#[derive(SimpleObject)]
pub(in crate::organisation) struct SiteHint {
    /// The site that the account belongs to.
    site: SiteValue,
    /// The same for programs; stable, and more of them may come.
    reason: &'static str,
    /// A sentence for the person that says what to do, in the language of the request (zh-CN or en).
    message: String,
    /// The address of that site; null where the operators have set none.
    url: Option<String>,
}

/// The hint for the viewer, unless it was dismissed.
pub(in crate::organisation) async fn of_viewer(ctx: &Context<'_>) -> Result<Option<SiteHint>> {
    let sites = ctx.data_unchecked::<Sites>();
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let other = answer(ctx, site::hint(viewer, snapshot, sites).await)?;
    Ok(other.map(|other| {
        let reason = "ACCOUNT_OF_OTHER_SITE";
        let params = BTreeMap::from([("site", other.as_str().to_owned())]);
        SiteHint {
            site: other.into(),
            reason,
            message: i18n::sentence(reason, &params, ctx.locale())
                .unwrap_or_else(|| reason.to_owned()),
            url: sites.address(other).map(str::to_owned),
        }
    }))
}

/// Puts the hint of another site aside.
#[derive(InputObject)]
struct SiteHintDismissInput {
    /// The site of the hint.
    site: SiteValue,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of putting the hint aside.
#[derive(SimpleObject)]
struct SiteHintDismissPayload {
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct SiteHintMutation;

#[Object]
impl SiteHintMutation {
    /// Puts aside the hint that the viewer's account belongs to another site. It is kept for the person, in every
    /// browser; a frozen organisation does not hinder it.
    async fn site_hint_dismiss(
        &self,
        ctx: &Context<'_>,
        input: SiteHintDismissInput,
    ) -> Result<SiteHintDismissPayload> {
        let applied = match Dismiss::new(ctx.viewer(), Site::from(input.site).as_str()) {
            Ok(change) => ctx.apply(input.idempotency_key, &change).await,
            Err(failure) => Err(failure),
        };
        let (_, errors, replayed) = payload(ctx, applied)?;
        Ok(SiteHintDismissPayload { errors, replayed })
    }
}
