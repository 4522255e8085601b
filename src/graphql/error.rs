//! From [`Failure`] to what a client reads: `errors` of a payload, or a top-level error that tells nothing of ours.

mod duties;

mod standing;

use async_graphql::{Context, Enum, ErrorExtensionValues, ID, Interface, SimpleObject};
use chrono::{DateTime, Utc};

use duties::{MemberDuty, MemberHasDuties};

use super::context::ContextExt as _;
use super::scalars::{Date, Version};
use crate::db::{Applied, StoreError};
use crate::error::{Code, Failure, Refusal, RefusalData, Refusals};
use crate::i18n::{self, Locale};
use crate::ids::Tagged;

use standing::{OrganisationFrozen, VendorHelpNeeded};

/// A resolver's result. The only place where async-graphql's error type may be named.
pub(crate) type Result<T> = async_graphql::Result<T>;

/// What kind of refusal it is. New kinds may come; treat an unknown one like FORBIDDEN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Code")]
pub(crate) enum ErrorCode {
    /// Nobody is signed in.
    Unauthenticated,
    /// The viewer's roles do not allow it.
    Forbidden,
    /// There is no such object, or it is not the viewer's.
    NotFound,
    /// The input breaks a rule; path names the field.
    InvalidInput,
    /// Somebody else was faster, or the state does not allow it.
    Conflict,
    /// Something else has to be done first.
    Precondition,
    /// Too much in too short a time.
    Limited,
    /// It took too long.
    Timeout,
    /// It cannot be done at the moment; try again.
    Unavailable,
    /// Something went wrong in the gateway.
    Internal,
}

/// Why a mutation did not do what was asked. `code` and `reason` are stable; `message` is for people.
#[derive(Interface)]
#[expect(
    clippy::duplicated_attributes,
    reason = "two fields of one type are no duplicate"
)]
#[graphql(
    field(name = "code", ty = "&ErrorCode", desc = "The kind of refusal."),
    field(
        name = "reason",
        ty = "&String",
        desc = "The exact cause, stable, such as VERSION_CONFLICT."
    ),
    field(
        name = "message",
        ty = "&String",
        desc = "A sentence for the user that says what to do, in the language of the request (zh-CN or en)."
    ),
    field(
        name = "path",
        ty = "&Vec<String>",
        desc = "The input field at fault, from the input object down; empty when it is not about one field."
    )
)]
pub(crate) enum UserError {
    Refused(RefusedError),
    VersionConflict(VersionConflict),
    TransitionNotAllowed(TransitionNotAllowed),
    PermissionMissing(PermissionMissing),
    DeadlinePassed(DeadlinePassed),
    DuplicateOf(DuplicateOf),
    QuotaExceeded(QuotaExceeded),
    OrganisationFrozen(OrganisationFrozen),
    VendorHelpNeeded(VendorHelpNeeded),
    MemberHasDuties(MemberHasDuties),
}

/// A refusal that carries nothing beside its reason.
#[derive(SimpleObject)]
pub(crate) struct RefusedError {
    /// The kind of refusal.
    code: ErrorCode,
    /// The exact cause, stable.
    reason: String,
    /// A sentence for the user that says what to do.
    message: String,
    /// The input field at fault, from the input object down.
    path: Vec<String>,
}

/// The object changed after it was read.
#[derive(SimpleObject)]
pub(crate) struct VersionConflict {
    /// The kind of refusal.
    code: ErrorCode,
    /// The exact cause, stable.
    reason: String,
    /// A sentence for the user that says what to do.
    message: String,
    /// The input field at fault, from the input object down.
    path: Vec<String>,
    /// The version that the object has now.
    current_version: Version,
}

/// The state of the object does not allow this.
#[derive(SimpleObject)]
pub(crate) struct TransitionNotAllowed {
    /// The kind of refusal.
    code: ErrorCode,
    /// The exact cause, stable.
    reason: String,
    /// A sentence for the user that says what to do.
    message: String,
    /// The input field at fault, from the input object down.
    path: Vec<String>,
    /// The state that it is in.
    from: String,
    /// The states in which it would be allowed.
    allowed: Vec<String>,
}

/// The viewer's roles do not give the permission.
#[derive(SimpleObject)]
pub(crate) struct PermissionMissing {
    /// The kind of refusal.
    code: ErrorCode,
    /// The exact cause, stable.
    reason: String,
    /// A sentence for the user that says what to do.
    message: String,
    /// The input field at fault, from the input object down.
    path: Vec<String>,
    /// The permission that is missing, such as opportunity.submit.
    permission: String,
}

/// It is too late: what happens by itself has happened.
#[derive(SimpleObject)]
pub(crate) struct DeadlinePassed {
    /// The kind of refusal.
    code: ErrorCode,
    /// The exact cause, stable.
    reason: String,
    /// A sentence for the user that says what to do.
    message: String,
    /// The input field at fault, from the input object down.
    path: Vec<String>,
    /// The first instant that was too late.
    due_until: DateTime<Utc>,
    /// The last day on which it could be done, in the programme's time zone.
    last_day_on: Date,
    /// What happened instead, such as `AUTO_REJECT`.
    outcome: String,
}

/// The same thing is there already.
#[derive(SimpleObject)]
pub(crate) struct DuplicateOf {
    /// The kind of refusal.
    code: ErrorCode,
    /// The exact cause, stable.
    reason: String,
    /// A sentence for the user that says what to do.
    message: String,
    /// The input field at fault, from the input object down.
    path: Vec<String>,
    /// The global id of what is there; null when the viewer may not read it.
    existing_id: Option<ID>,
}

/// More than is allowed in all.
#[derive(SimpleObject)]
pub(crate) struct QuotaExceeded {
    /// The kind of refusal.
    code: ErrorCode,
    /// The exact cause, stable.
    reason: String,
    /// A sentence for the user that says what to do.
    message: String,
    /// The input field at fault, from the input object down.
    path: Vec<String>,
    /// The most that is allowed.
    limit: i64,
    /// What is used already.
    used: i64,
}

impl UserError {
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of data")]
    pub(crate) fn new(refusal: &Refusal, locale: Locale) -> Self {
        let code = ErrorCode::from(refusal.code);
        let reason = refusal.reason.0.to_owned();
        let message = message(refusal, locale);
        let path = refusal.path.clone();
        match refusal.data.clone() {
            None => Self::Refused(RefusedError {
                code,
                reason,
                message,
                path,
            }),
            Some(RefusalData::VersionConflict { current }) => {
                let current_version = Version(current);
                Self::VersionConflict(VersionConflict {
                    code,
                    reason,
                    message,
                    path,
                    current_version,
                })
            }
            Some(RefusalData::Transition { from, allowed }) => {
                let allowed = allowed.into_iter().map(str::to_owned).collect();
                let from = from.to_owned();
                Self::TransitionNotAllowed(TransitionNotAllowed {
                    code,
                    reason,
                    message,
                    path,
                    from,
                    allowed,
                })
            }
            Some(RefusalData::Permission(permission)) => {
                let permission = permission.to_owned();
                Self::PermissionMissing(PermissionMissing {
                    code,
                    reason,
                    message,
                    path,
                    permission,
                })
            }
            Some(RefusalData::DeadlinePassed {
                due_until,
                last_day_on,
                outcome,
            }) => Self::DeadlinePassed(DeadlinePassed {
                code,
                reason,
                message,
                path,
                due_until,
                last_day_on: Date(last_day_on),
                outcome: outcome.to_owned(),
            }),
            Some(RefusalData::Duplicate { existing }) => Self::DuplicateOf(DuplicateOf {
                code,
                reason,
                message,
                path,
                existing_id: existing.map(ID),
            }),
            Some(RefusalData::Frozen { cause, release }) => {
                Self::OrganisationFrozen(OrganisationFrozen {
                    code,
                    reason,
                    message,
                    path,
                    cause,
                    release,
                })
            }
            Some(RefusalData::AskVendor { name, contact }) => {
                Self::VendorHelpNeeded(VendorHelpNeeded {
                    code,
                    reason,
                    message,
                    path,
                    contact_name: name,
                    contact,
                })
            }
            Some(RefusalData::Duties(duties)) => Self::MemberHasDuties(MemberHasDuties {
                code,
                reason,
                message,
                path,
                duties: duties.into_iter().map(MemberDuty::from).collect(),
            }),
            Some(RefusalData::Quota { limit, used }) => Self::QuotaExceeded(QuotaExceeded {
                code,
                reason,
                message,
                path,
                limit,
                used,
            }),
        }
    }
}

/// The sentence of a refusal; its reason where the catalogue has none (a test keeps that from happening).
fn message(refusal: &Refusal, locale: Locale) -> String {
    i18n::sentence(refusal.reason.0, &refusal.params, locale)
        .unwrap_or_else(|| refusal.reason.0.to_owned())
}

/// Turns the result of a change into the parts of its payload; an internal failure becomes a top-level error.
pub(crate) fn payload<O>(
    ctx: &Context<'_>,
    result: std::result::Result<Applied<O>, Failure>,
) -> Result<(Option<O>, Vec<UserError>, bool)> {
    match result {
        Ok(applied) => Ok((Some(applied.outcome), Vec::new(), applied.replayed)),
        Err(Failure::Refused(refusals)) => Ok((None, user_errors(ctx, &refusals), false)),
        Err(failure @ Failure::Internal(_)) => Err(top_level(ctx, &failure)),
    }
}

fn user_errors(ctx: &Context<'_>, refusals: &Refusals) -> Vec<UserError> {
    refusals
        .iter()
        .map(|refusal| UserError::new(refusal, ctx.locale()))
        .collect()
}

/// Reads a global id of an input; a wrong one is answered by the service like an unknown one.
pub(crate) fn global_id<I: Tagged>(id: &ID) -> I {
    I::parse(id).unwrap_or_else(|| I::from_uuid(uuid::Uuid::nil()))
}

/// A refusal of a query.
pub(crate) fn refused(ctx: &Context<'_>, refusal: &Refusal) -> async_graphql::Error {
    let text = message(refusal, ctx.locale());
    extended(
        async_graphql::Error::new(text),
        refusal.code,
        Some(refusal.reason.0),
        &refusal.path,
    )
}

/// A failure of a query, or an internal one of a mutation.
pub(super) fn top_level(ctx: &Context<'_>, failure: &Failure) -> async_graphql::Error {
    match failure {
        Failure::Refused(refusals) => refused(ctx, &refusals.first),
        Failure::Internal(error) => masked(ctx, error),
    }
}

/// Turns the result of a read into a resolver's.
pub(crate) fn answer<T>(ctx: &Context<'_>, result: std::result::Result<T, Failure>) -> Result<T> {
    result.map_err(|failure| top_level(ctx, &failure))
}

/// Logged here, once, with its sources; the client learns the kind and the correlation id.
fn masked(ctx: &Context<'_>, error: &StoreError) -> async_graphql::Error {
    let code = error.code();
    tracing::error!(correlation_id = ctx.correlation_id(), code = code.as_str(), error = %error, "a request failed inside");
    let (reason, params) = (code.as_str(), std::collections::BTreeMap::new());
    let text = i18n::sentence(reason, &params, ctx.locale()).unwrap_or_else(|| reason.to_owned());
    extended(async_graphql::Error::new(text), code, None, &[])
}

fn extended(
    mut error: async_graphql::Error,
    code: Code,
    reason: Option<&str>,
    path: &[String],
) -> async_graphql::Error {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    if let Some(reason) = reason {
        extensions.set("reason", reason);
    }
    if !path.is_empty() {
        extensions.set("inputPath", path.to_vec());
    }
    error.extensions = Some(extensions);
    error
}
