//! Well-signed messages of another time.

use super::claims::{envelope_refused, refused_both_ways};
use super::scene::*;
use crate::saml::SamlRefusal;

fn until(seconds: i64) -> (String, String) {
    (
        format!("NotOnOrAfter=\"{}\" Recipient", at(300)),
        format!("NotOnOrAfter=\"{}\" Recipient", at(seconds)),
    )
}

#[test]
fn an_expired_confirmation_is_refused() {
    let (from, to) = until(-181);

    assert_eq!(refused_both_ways(&from, &to), SamlRefusal::Expired);
}

#[test]
fn expired_conditions_are_refused() {
    let from = format!("NotOnOrAfter=\"{}\"><saml:Aud", at(300));

    let expired = format!("NotOnOrAfter=\"{}\"><saml:Aud", at(-180));
    let backwards = format!("NotOnOrAfter=\"{}\"><saml:Aud", at(0));

    assert_eq!(refused_both_ways(&from, &expired), SamlRefusal::Expired);
    assert_eq!(refused_both_ways(&from, &backwards), SamlRefusal::Expired);
}

#[test]
fn conditions_of_the_future_are_refused() {
    let from = format!("NotBefore=\"{}\"", at(0));

    assert_eq!(
        refused_both_ways(&from, &format!("NotBefore=\"{}\"", at(181))),
        SamlRefusal::NotYetValid
    );
    assert!(read(&bent(&from, &format!("NotBefore=\"{}\"", at(180)))).is_ok());
}

#[test]
fn a_lifetime_of_ten_years_is_refused() {
    let (from, to) = until(10 * 365 * 86_400);
    assert_eq!(refused_both_ways(&from, &to), SamlRefusal::LifetimeTooLong);
    let conditions = format!("NotOnOrAfter=\"{}\"><saml:Aud", at(300));
    let decade = format!("NotOnOrAfter=\"{}\"><saml:Aud", at(10 * 365 * 86_400));
    assert_eq!(
        refused_both_ways(&conditions, &decade),
        SamlRefusal::LifetimeTooLong
    );
}

#[test]
fn a_message_issued_in_the_future_is_refused() {
    let from = format!("IssueInstant=\"{}\"><saml:Issuer>", at(0));
    let year_ahead = format!("IssueInstant=\"{}\"><saml:Issuer>", at(365 * 86_400));
    assert_eq!(
        refused_both_ways(&from, &year_ahead),
        SamlRefusal::IssuedInFuture
    );
    let from = format!("IssueInstant=\"{}\" Destination", at(0));
    let ahead = format!("IssueInstant=\"{}\" Destination", at(181));
    assert_eq!(envelope_refused(&from, &ahead), SamlRefusal::IssuedInFuture);
}

#[test]
fn a_message_issued_long_ago_is_refused() {
    let from = format!("IssueInstant=\"{}\"><saml:Issuer>", at(0));
    let hours_ago = format!("IssueInstant=\"{}\"><saml:Issuer>", at(-7_200));

    assert_eq!(
        refused_both_ways(&from, &hours_ago),
        SamlRefusal::IssuedTooLongAgo
    );
}

#[test]
fn times_that_are_no_utc_timestamps_are_refused() {
    let (from, _) = until(0);
    for time in [
        "",
        "tomorrow",
        "2026-11-23T12:00:00+08:00",
        "12026-11-23T12:00:00Z",
        "2026-11-23",
    ] {
        let to = format!("NotOnOrAfter=\"{time}\" Recipient");

        assert_eq!(
            refused_both_ways(&from, &to),
            SamlRefusal::InvalidTime,
            "{time}"
        );
    }
    assert_eq!(
        refused_both_ways(&from, "Recipient"),
        SamlRefusal::InvalidTime
    );
}

#[test]
fn a_session_that_is_over_is_refused() {
    let over = format!("SessionNotOnOrAfter=\"{}\" SessionIndex", at(-180));

    assert_eq!(
        refused_both_ways("SessionIndex", &over),
        SamlRefusal::SessionOver
    );
}

#[test]
fn an_authentication_in_the_future_is_refused() {
    let from = format!("AuthnInstant=\"{}\"", at(0));

    assert_eq!(
        refused_both_ways(&from, &format!("AuthnInstant=\"{}\"", at(181))),
        SamlRefusal::IssuedInFuture
    );
}
