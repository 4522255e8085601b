//! Dedicated personnel against PostgreSQL, under the roles and policies of production.

mod accepting;
mod applying;
mod ending;
mod inviting;
mod maintaining;
mod property;
mod telling;

use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::super::model::account::Target as Invitee;
use super::super::model::{PersonState, record};
use super::*;
use crate::db::Applied;
use crate::identity::RandomToken;
use crate::ids::{DocumentId, IdSource};
use crate::organisation::members::MemberRole as R;
use crate::organisation::testing::{Person, World, reasons};
use crate::viewer::SignedInIdentity;

/// Somebody with a personal account of the vendor's, signed in with it.
#[derive(Debug, Clone)]
struct Individual {
    signed_in: SignedInIdentity,
    account: PersonalAccountId,
}

impl Individual {
    fn viewer(&self) -> Viewer {
        Viewer::Federated(self.signed_in.clone())
    }
}

/// An account whose name, address and number are made of `name`.
async fn individual(world: &World, name: &str, real_name: &str) -> Individual {
    account(
        world,
        (name, &format!("{name}@home.example"), "8613800000000"),
        real_name,
    )
    .await
}

async fn account(
    world: &World,
    (name, email, mobile): (&str, &str, &str),
    real_name: &str,
) -> Individual {
    let signed_in = world.visitor(None).await;
    let account: PersonalAccountId = IdSource.fresh();
    sqlx::query(
        "INSERT INTO personal_accounts (id, account_name, identity_provider, subject, name, email, mobile, real_name)
         SELECT $2, $3, 'iam', subject, '李' || $3, $4, $5, $6 FROM federated_identities WHERE id = $1",
    )
    .bind(signed_in.identity.0)
    .bind(account.0)
    .bind(name)
    .bind(email)
    .bind(mobile)
    .bind(real_name)
    .execute(&mut world.owner().await)
    .await
    .unwrap();
    Individual { signed_in, account }
}

fn invite(invitee: Invitee) -> Invite {
    Invite {
        invitee,
        account: None,
        token: RandomToken::fresh().unwrap(),
    }
}

fn by_name(name: &str) -> Invite {
    invite(Invitee::AccountName(name.to_owned()))
}

/// Sends an invitation; the person, and the token of the link.
async fn sent_by(world: &World, inviter: &Person, name: &str) -> (Written, String) {
    let change = by_name(name);
    let applied = world.apply(&inviter.viewer(), &change).await.unwrap();
    let Invited::Sent(written) = applied.outcome else {
        panic!("sent: {:?}", applied.outcome);
    };
    (written, change.token.text().expose_secret().to_owned())
}

async fn accept(world: &World, viewer: &Viewer, token: &str) -> Result<Applied<Written>, Failure> {
    let found = Found::Token(token.to_owned());
    let change = Accept::prepare(&world.db, viewer, &found, (1, "en")).await?;
    world.apply(viewer, &change).await
}

fn target(written: Written) -> Target {
    Target {
        id: written.id,
        expected_version: written.version,
    }
}

/// Associated with the partner.
async fn bound(world: &World, name: &str) -> (Individual, Written) {
    let person = individual(world, name, "PERSONAL").await;
    let (_, token) = sent_by(world, &world.admin, name).await;
    let accepted = accept(world, &person.viewer(), &token).await.unwrap();
    (person, accepted.outcome)
}

/// Associated, with a base location.
async fn placed(world: &World, name: &str) -> (Individual, Written) {
    let (person, written) = bound(world, name).await;
    let edit = record::RecordEdit {
        base_location: Some("杭州".to_owned()),
        ..record::RecordEdit::default()
    };
    let viewer = person.viewer();
    let update = Update::prepare(&world.db, &viewer, (target(written), edit))
        .await
        .unwrap();
    (person, world.apply(&viewer, &update).await.unwrap().outcome)
}

/// The partner is on the service path.
async fn on_path(world: &World) {
    let join = "INSERT INTO path_memberships (organisation_id, id, path, stage, state)
        VALUES ($1, gen_random_uuid(), 'SERVICE', 'ROLE_VALIDATED', 'ACTIVE')";
    world.change_behind(&[join], world.partner.0).await;
}

/// A complete document of the organisation's.
async fn document(world: &World, organisation: OrganisationId) -> DocumentId {
    let id: DocumentId = IdSource.fresh();
    sqlx::query(
        "INSERT INTO documents (organisation_id, id, file_name, media_type, size, sha256, state, prepared_by, prepared_at,
             upload_until, completed_at)
         VALUES ($1, $2, 'a.pdf', 'application/pdf', 1, sha256(''), 'COMPLETE', 'test', $3, $3, $3)",
    )
    .bind(organisation.0)
    .bind(id.0)
    .bind(world.now())
    .execute(&mut world.owner().await)
    .await
    .unwrap();
    id
}

/// Applies for the service path; what came of the one item.
async fn applied(world: &World, written: Written) -> ItemResult {
    let apply = Apply {
        path: Some(DedicatedPath::Service),
        items: vec![ApplyItem {
            target: target(written),
            documents: vec![document(world, world.partner).await],
        }],
    };
    let results = world.apply(&world.admin.viewer(), &apply).await.unwrap();
    results.outcome.into_iter().next().unwrap()
}

fn written(result: &ItemResult) -> Written {
    Written {
        id: result.id,
        version: result
            .version
            .unwrap_or_else(|| panic!("refused: {result:?}")),
    }
}

fn told(result: &ItemResult) -> Vec<&'static str> {
    result
        .refusals()
        .iter()
        .map(|refusal| refusal.reason.0)
        .collect()
}

async fn decided(world: &World, person: Written, decision: Decision) -> Written {
    let target = target(person);
    let decide = Decide(vec![DecideItem { target, decision }]);
    let viewer = vendor_of(world).await;
    let results = world.apply(&viewer, &decide).await.unwrap().outcome;
    written(&results[0])
}

/// A viewer of the vendor without a row of its own: who decides is in the transaction's actor alone.
async fn vendor_of(world: &World) -> Viewer {
    let Viewer::Member(mut member) = world.admin.viewer() else {
        unreachable!("the administrator is a member")
    };
    member.acting_for.organisation = world.vendor;
    member.acting_for.kind = crate::viewer::OrganisationKind::Vendor;
    Viewer::Member(member)
}

async fn dedicated(world: &World, name: &str) -> (Individual, Written) {
    on_path(world).await;
    let (person, written_now) = placed(world, name).await;
    let result = applied(world, written_now).await;
    let written_now = decided(world, written(&result), Decision::Approve).await;
    (person, written_now)
}

async fn cancelling(world: &World, person: Written) -> Written {
    let cancel = Cancel {
        target: target(person),
        reason: "Works elsewhere".to_owned(),
        documents: vec![document(world, world.partner).await],
    };
    world
        .apply(&world.admin.viewer(), &cancel)
        .await
        .unwrap()
        .outcome
}

/// As the viewer reads the person.
async fn read(world: &World, viewer: &Viewer, id: PersonId) -> Option<DedicatedPerson> {
    let snapshot = world.db.snapshot(viewer.read_scope());
    let found = by_id(viewer, &snapshot, &[id]).await.unwrap();
    found.into_values().next().map(|found| found.person)
}

async fn state(world: &World, id: PersonId) -> PersonState {
    read(world, &world.admin.viewer(), id).await.unwrap().state
}
