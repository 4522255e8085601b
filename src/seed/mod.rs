//! Demo data: a network of invented companies, their people, and everything that they have under way.
//!
//! The same plan gives the same rows, times included. It runs as the owner of the tables, in one transaction: a seed
//! that was stopped has left nothing behind.

mod cast;
mod catalogue;
mod customers;
mod deadlines;
mod history;
mod incentives;
mod network;
mod opportunities;
mod programmes;
mod random;
mod sign_in;
mod store;
#[cfg(test)]
mod tests;
mod words;

use chrono::{DateTime, Utc};
use sqlx::{Connection as _, PgConnection};

pub use cast::{DEMO_USERS, DemoUser, Employer, Membership};
pub use sign_in::link_demo_users;

use catalogue::Catalogue;
use network::Network;
use programmes::Programmes;
use store::Occupancy;

/// Who the timeline names for what nobody of the demo did.
const ACTOR: &str = "job:seed";
/// By which demo data is known: the number of its vendor.
pub const VENDOR_NUMBER: &str = network::number_of(Employer::Vendor);
/// Fewer companies cannot show a distributor with resellers and a partner without either.
const FEWEST_ORGANISATIONS: usize = 5;

/// How much demo data, which, and as of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Partners; the vendor comes on top.
    pub organisations: usize,
    pub opportunities: usize,
    pub seed: u64,
    /// What the data takes for the present: some deadlines end before it and some after.
    pub now: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("the demo data is already there; nothing was changed")]
    AlreadySeeded,
    #[error(
        "the database already has organisations, and demo data is never mixed with others; seed an empty database"
    )]
    NotEmpty,
    #[error("demo data needs at least {FEWEST_ORGANISATIONS} organisations")]
    TooFewOrganisations,
    #[error("the database refused the demo data")]
    Database(#[from] sqlx::Error),
}

/// Fills an empty database. `progress` is told how many organisations and opportunities of how many are written.
pub async fn demo(
    owner: &mut PgConnection,
    plan: &Plan,
    progress: impl Fn(usize, usize),
) -> Result<(), SeedError> {
    if plan.organisations < FEWEST_ORGANISATIONS {
        return Err(SeedError::TooFewOrganisations);
    }
    let mut tx = owner.begin().await?;
    match store::occupancy(&mut tx, network::number_of(Employer::Vendor)).await? {
        Occupancy::Empty => {}
        Occupancy::Demo => return Err(SeedError::AlreadySeeded),
        Occupancy::Other => return Err(SeedError::NotEmpty),
    }
    let total = plan.organisations + plan.opportunities;
    progress(0, total);
    let network = Network::of(plan);
    network.insert(&mut tx).await?;
    let catalogue = Catalogue::of(plan, &network);
    catalogue.insert(&mut tx).await?;
    let programmes = Programmes::of(plan, &network);
    programmes.insert(&mut tx).await?;
    customers::insert(&mut tx, plan, &network).await?;
    progress(plan.organisations, total);
    let written = |opportunities| progress(plan.organisations + opportunities, total);
    let settled = opportunities::insert(&mut tx, plan, (&network, &catalogue), written).await?;
    incentives::insert(&mut tx, plan, (&network, &settled)).await?;
    tx.commit().await?;
    store::analyse(owner).await
}
