//! Naming who looks after a customer, ending the relation, and reading masked values. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::service::{
    AssignAccountManager, Changed, Dissociate, RevealCustomer, WithdrawAccountManager,
};
use super::CustomerObject;
use super::words::CustomerPersonalField;
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{ContextExt as _, Result, UserError, Version, global_id, loaded, payload};
use crate::ids::CustomerId;

/// Assigns a customer's account manager.
#[derive(Debug, InputObject)]
struct CustomerAccountManagerAssignInput {
    /// The customer; the viewer's organisation must be its partner.
    customer_id: ID,
    /// An active member of the viewer's organisation who has the role Account Manager.
    account_manager_id: ID,
    /// The version of the customer that the viewer saw.
    expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Withdraws a customer's account manager.
#[derive(Debug, InputObject)]
struct CustomerAccountManagerWithdrawInput {
    /// The customer; the viewer's organisation must be its partner.
    customer_id: ID,
    /// The version of the customer that the viewer saw.
    expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Ends the relation to a customer.
#[derive(Debug, InputObject)]
struct CustomerDissociateInput {
    /// The customer; the viewer's organisation must be its partner.
    customer_id: ID,
    /// Why; the customer reads it. 1 to 500 characters that are not only spaces.
    reason: String,
    /// The version of the customer that the viewer saw.
    expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Reads values of a customer in full.
#[derive(InputObject)]
struct CustomerRevealInput {
    /// The customer that it is about.
    customer_id: ID,
    /// Which values; at least one.
    fields: Vec<CustomerPersonalField>,
    /// What for; stands in the customer's history. 1 to 500 characters that are not only spaces.
    purpose: String,
    /// A fresh UUID for each reading; the same one again records nothing and shows nothing.
    idempotency_key: Uuid,
}

macro_rules! changed {
    ($($name:ident,)*) => {
        $(
            /// What came of it.
            #[derive(SimpleObject)]
            struct $name {
                /// The customer as it is now; null when the change was refused.
                customer: Option<CustomerObject>,
                /// Why it was refused; empty when it was done.
                errors: Vec<UserError>,
                /// Whether this key had done it before; nothing was done again.
                replayed: bool,
            }

            impl From<Parts> for $name {
                fn from((customer, errors, replayed): Parts) -> Self {
                    Self {
                        customer,
                        errors,
                        replayed,
                    }
                }
            }
        )*
    };
}

changed! {
    CustomerAccountManagerAssignPayload,
    CustomerAccountManagerWithdrawPayload,
    CustomerDissociatePayload,
}

/// What was asked for, once.
#[derive(SimpleObject)]
struct CustomerRevealPayload {
    /// The e-mail address; null when it was not asked for, when there is none, or when this is a repetition.
    email: Option<String>,
    /// The mobile number; null when it was not asked for, when there is none, or when this is a repetition.
    mobile: Option<String>,
    /// Why nothing is shown; empty when it is.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: the values were shown then and are not shown again.
    replayed: bool,
}

type Parts = (Option<CustomerObject>, Vec<UserError>, bool);

/// The parts of a payload, with the customer read as it is after the change.
async fn changed(
    ctx: &Context<'_>,
    applied: std::result::Result<Applied<Changed>, Failure>,
) -> Result<Parts> {
    let (outcome, errors, replayed) = payload(ctx, applied)?;
    let customer = match outcome {
        Some(outcome) => loaded(ctx, outcome.customer).await?.map(CustomerObject),
        None => None,
    };
    Ok((customer, errors, replayed))
}

#[derive(Default)]
pub(crate) struct CustomerMutation;

#[Object]
impl CustomerMutation {
    /// Makes a member of the partner the customer's account manager, in place of any other; needs customer.assign.
    async fn customer_account_manager_assign(
        &self,
        ctx: &Context<'_>,
        input: CustomerAccountManagerAssignInput,
    ) -> Result<CustomerAccountManagerAssignPayload> {
        let change = AssignAccountManager {
            customer: global_id(&input.customer_id),
            account_manager: global_id(&input.account_manager_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        Ok(changed(ctx, applied).await?.into())
    }

    /// Leaves the customer without an account manager; needs customer.assign.
    async fn customer_account_manager_withdraw(
        &self,
        ctx: &Context<'_>,
        input: CustomerAccountManagerWithdrawInput,
    ) -> Result<CustomerAccountManagerWithdrawPayload> {
        let change = WithdrawAccountManager {
            customer: global_id(&input.customer_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        Ok(changed(ctx, applied).await?.into())
    }

    /// Ends the relation to the customer: the partner's administrator alone, with a reason, and at most as often as the
    /// rule set says (R-CUS-8). The customer is told, and another partner may invite it from then on.
    async fn customer_dissociate(
        &self,
        ctx: &Context<'_>,
        input: CustomerDissociateInput,
    ) -> Result<CustomerDissociatePayload> {
        let change = Dissociate {
            customer: global_id(&input.customer_id),
            expected_version: input.expected_version.0,
            reason: input.reason,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        Ok(changed(ctx, applied).await?.into())
    }

    /// Reads masked values of a customer in full, and records who read which and what for. Needs personal.reveal.
    async fn customer_reveal(
        &self,
        ctx: &Context<'_>,
        input: CustomerRevealInput,
    ) -> Result<CustomerRevealPayload> {
        let customer: CustomerId = global_id(&input.customer_id);
        let change = RevealCustomer {
            customer,
            fields: input.fields.iter().map(|&field| field.into()).collect(),
            purpose: input.purpose,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (revealed, errors, replayed) = payload(ctx, applied)?;
        let customer = match revealed {
            Some(_) if !replayed => loaded(ctx, customer).await?,
            Some(_) | None => None,
        };
        let released = customer.and_then(|customer| customer.account.released);
        let (email, mobile) = released.map_or((None, None), |it| (it.email, it.mobile));
        let asks = |field| input.fields.contains(&field);
        Ok(CustomerRevealPayload {
            email: email.filter(|_| asks(CustomerPersonalField::Email)),
            mobile: mobile.filter(|_| asks(CustomerPersonalField::Mobile)),
            errors,
            replayed,
        })
    }
}
