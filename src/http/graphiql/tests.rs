use uuid::Uuid;

use super::*;
use crate::ids::{IdentityId, MemberId, OrganisationId, SessionId};
use crate::viewer::{
    ActingFor, ActingMember, OrganisationKind, OrganisationState, SignedInIdentity,
};

/// A bundle of one page, one packed script and one picture.
#[derive(RustEmbed)]
#[folder = "tests/fixtures/graphiql"]
struct Built;

#[derive(RustEmbed)]
#[folder = "tests/fixtures/graphiql/absent"]
#[allow_missing = true]
struct NotBuilt;

const SCRIPT: &str = "console.log('portico');\n";

fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name, value.parse().unwrap())])
}

async fn bytes(response: Response) -> Vec<u8> {
    response.into_body().into_vec().await.unwrap()
}

fn an_identity() -> Viewer {
    Viewer::Federated(SignedInIdentity {
        identity: IdentityId(Uuid::from_u128(1)),
        session: SessionId(Uuid::from_u128(2)),
    })
}

fn a_member(permissions: impl IntoIterator<Item = Permission>) -> Viewer {
    Viewer::Member(ActingMember {
        member: MemberId(Uuid::from_u128(3)),
        identity: IdentityId(Uuid::from_u128(1)),
        session: SessionId(Uuid::from_u128(2)),
        acting_for: ActingFor {
            organisation: OrganisationId(Uuid::from_u128(4)),
            kind: OrganisationKind::Partner,
            state: OrganisationState::Active,
        },
        permissions: permissions.into_iter().collect(),
        visibility: crate::viewer::Visibility::All,
    })
}

fn opening(viewer: Option<&Viewer>, introspection: Introspection) -> Response {
    open::<Built>(viewer, introspection, &HeaderMap::new())
}

#[test]
fn a_person_who_is_not_signed_in_is_sent_to_sign_in() {
    for introspection in [Introspection::Everyone, Introspection::Permitted] {
        let response = opening(None, introspection);

        assert_eq!(response.status(), StatusCode::FOUND);
        assert_eq!(response.header("location"), Some(SIGN_IN));
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn where_everyone_may_read_the_schema_an_identity_without_a_member_may_too() {
    let response = opening(Some(&an_identity()), Introspection::Everyone);

    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn where_reading_the_schema_is_a_permission_the_page_asks_for_it() {
    for viewer in [an_identity(), a_member([Permission::ReadMembers])] {
        let response = opening(Some(&viewer), Introspection::Permitted);

        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let text = String::from_utf8(bytes(response).await).unwrap();
        assert!(text.contains(Permission::ReadSchema.as_str()), "{text}");
    }

    let reader = a_member([Permission::ReadSchema]);
    assert_eq!(
        opening(Some(&reader), Introspection::Permitted).status(),
        StatusCode::OK
    );
}

#[test]
fn where_nobody_may_read_the_schema_there_is_no_page() {
    let reader = a_member([Permission::ReadSchema]);

    assert_eq!(
        opening(Some(&reader), Introspection::Nobody).status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        landing(Introspection::Nobody).status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        landing(Introspection::Everyone).header("location"),
        Some("/graphiql")
    );
}

#[tokio::test]
async fn the_page_is_served_under_its_policy_and_revalidated() {
    let response = page::<Built>(&HeaderMap::new());

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(response.header("content-security-policy"), Some(POLICY));
    assert_eq!(response.header("cache-control"), Some("no-cache"));
    assert!(bytes(response).await.starts_with(b"<!doctype html>"));
}

#[test]
fn the_policy_allows_scripts_from_here_only() {
    assert!(
        !POLICY.contains("unsafe-eval") && !POLICY.contains("blob:") && !POLICY.contains("http")
    );
    assert!(POLICY.starts_with("default-src 'none'; script-src 'self'; style-src "));
    assert!(!POLICY.contains("  "));
}

#[tokio::test]
async fn a_known_page_is_not_sent_again() {
    let tag = page::<Built>(&HeaderMap::new())
        .header("etag")
        .unwrap()
        .to_owned();

    let response = page::<Built>(&asking(header::IF_NONE_MATCH, &tag));

    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(response.header("etag"), Some(tag.as_str()));
    assert!(bytes(response).await.is_empty());
}

#[test]
fn a_changed_page_is_sent_again() {
    let response = page::<Built>(&asking(header::IF_NONE_MATCH, "\"another\""));

    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_binary_without_the_bundle_says_how_to_build_it() {
    let response = page::<NotBuilt>(&HeaderMap::new());

    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let text = String::from_utf8(bytes(response).await).unwrap();
    assert!(text.contains("npm --prefix web run build"), "{text}");
}

#[tokio::test]
async fn a_packed_asset_goes_out_as_it_is_to_a_client_that_unpacks() {
    let response = asset::<Built>(
        "page-1.js",
        &asking(header::ACCEPT_ENCODING, "br, gzip;q=0.5"),
    );

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert_eq!(response.header("vary"), Some("accept-encoding"));
    assert_eq!(
        response.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(
        response.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(
        bytes(response).await.get(..2),
        Some([0x1f, 0x8b].as_slice())
    );
}

#[tokio::test]
async fn a_packed_asset_is_unpacked_for_a_client_that_does_not() {
    for request in [
        HeaderMap::new(),
        asking(header::ACCEPT_ENCODING, "gzip;q=0, br"),
    ] {
        let response = asset::<Built>("page-1.js", &request);

        assert_eq!(response.header("content-encoding"), None);
        assert_eq!(bytes(response).await, SCRIPT.as_bytes());
    }
}

#[tokio::test]
async fn a_small_asset_is_served_as_it_is() {
    let response = asset::<Built>("icon-1.svg", &asking(header::ACCEPT_ENCODING, "gzip"));

    assert_eq!(response.header("content-encoding"), None);
    assert_eq!(response.header("content-type"), Some("image/svg+xml"));
    assert!(bytes(response).await.starts_with(b"<svg"));
}

#[test]
fn only_assets_are_reached_by_name() {
    for name in ["nothing.js", "../index.html", ""] {
        let status = asset::<Built>(name, &HeaderMap::new()).status();

        assert_eq!(status, StatusCode::NOT_FOUND, "{name}");
    }
}
