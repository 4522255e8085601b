use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::*;
use crate::catalogue::accounts::{Circumstance, Holding, HoldingFacts, VendorAccount};
use crate::i18n::{Locale, sentence};
use crate::rules::{CustomerDissociation, Site};
use crate::viewer::OrganisationState;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn offer(association: AssociationType) -> Offer {
    Offer {
        invitation: Invitation {
            id: CustomerInvitationId(Uuid::nil()),
            organisation: OrganisationId(Uuid::from_u128(1)),
            association,
            label: "海岳".to_owned(),
            invited_by: MemberId(Uuid::nil()),
            sent_at: at("2026-11-01T00:00:00Z"),
            expires_at: at("2026-11-08T00:00:00Z"),
            answer: Answer::None,
            refused: None,
            version: 1,
        },
        inviter: Inviter {
            name: "蓝岭".to_owned(),
            state: OrganisationState::Active,
            site: Site::Cn,
            business_area: "华东".to_owned(),
        },
    }
}

fn holding(name: &str, kind: AccountKind) -> Holding {
    Holding {
        account: VendorAccount {
            id: format!("{name}-{}", kind.as_str()),
            name: name.to_owned(),
            kind,
            site: Site::Cn,
            status: AccountStatus::Active,
            country: "CN".to_owned(),
            email: None,
            mobile: None,
            circumstances: BTreeSet::new(),
        },
        organisation: None,
        partner: None,
    }
}

/// R-CUS-11: whatever the order in which the vendor states them.
#[test]
fn r_cus_11_the_cloud_account_comes_first_and_is_chosen_while_it_can_be_associated() {
    let offer = offer(AssociationType::Referral);
    let (cloud, personal) = (
        holding("anna", AccountKind::Cloud),
        holding("anna", AccountKind::Personal),
    );
    let told = |holdings: Vec<Holding>| -> Vec<(AccountKind, bool, bool)> {
        let choices = choices(holdings, &offer).into_iter();
        choices
            .map(|it| (it.account.kind, it.preselected, it.has_namesake))
            .collect()
    };
    let expected = [
        (AccountKind::Cloud, true, true),
        (AccountKind::Personal, false, true),
    ];
    assert_eq!(told(vec![cloud.clone(), personal.clone()]), expected);
    assert_eq!(told(vec![personal.clone(), cloud.clone()]), expected);
    assert_eq!(told(Vec::new()), []);
    assert_eq!(
        told(vec![personal.clone()]),
        [(AccountKind::Personal, true, false)]
    );
    let mut stopped = cloud;
    stopped
        .account
        .circumstances
        .insert(Circumstance::UnpaidBills);
    assert_eq!(
        told(vec![personal, stopped]),
        [
            (AccountKind::Cloud, false, true),
            (AccountKind::Personal, true, true)
        ],
        "what cannot be associated is not chosen for anybody"
    );
}

/// R-CUS-4 and R-CUS-7: whose customer it is, and what about it.
#[test]
fn r_cus_7_every_circumstance_that_stops_is_told_and_some_stop_resale_only() {
    let causes = |change: &dyn Fn(&mut Holding), association| {
        let mut holding = holding("anna", AccountKind::Cloud);
        change(&mut holding);
        causes_of(&holding, &offer(association))
    };
    let referral = AssociationType::Referral;
    assert_eq!(causes(&|_| {}, referral), []);
    let ours = OrganisationId(Uuid::from_u128(1));
    let others = OrganisationId(Uuid::from_u128(2));
    assert_eq!(
        causes(&|it| it.partner = Some(ours), referral),
        [Cause::HasYou]
    );
    assert_eq!(
        causes(&|it| it.partner = Some(others), referral),
        [Cause::HasPartner]
    );
    assert_eq!(
        causes(&|it| it.account.site = Site::Intl, referral),
        [Cause::OfOtherSite]
    );
    assert_eq!(
        causes(&|it| it.account.status = AccountStatus::Closed, referral),
        [Cause::AccountClosed]
    );
    let every = |it: &mut Holding| it.account.circumstances.extend(Circumstance::ALL);
    assert_eq!(causes(&every, referral).len(), 7);
    assert_eq!(causes(&every, AssociationType::Resale).len(), 12);
}

#[test]
fn r_cus_7_each_cause_is_spelled_as_its_reason_has_both_sentences_and_cannot_be_mended_by_a_link() {
    let none = std::collections::BTreeMap::new();
    let mut sentences = BTreeSet::new();
    for &cause in Cause::ALL {
        let refusal = crate::error::Refusal::from(cause);
        assert_eq!(refusal.reason.0, cause.as_str());
        assert_eq!(remedy_of(refusal.reason.0), Some(Remedy::NotPossible));
        for locale in Locale::ALL {
            sentences.insert(sentence(cause.as_str(), &none, locale).unwrap());
        }
    }
    assert_eq!(sentences.len(), 2 * Cause::ALL.len());
    for refusal in [
        CustomerRefusal::LinkUnknown,
        CustomerRefusal::LinkExpired,
        CustomerRefusal::LinkUsed,
        CustomerRefusal::LinkRevoked,
        CustomerRefusal::PartnerInactive,
    ] {
        let refusal = crate::error::Refusal::from(refusal);
        assert_eq!(remedy_of(refusal.reason.0), Some(Remedy::InviteAgain));
    }
}

#[test]
fn a_link_ends_at_its_second_and_with_its_partner() {
    let mut offer = offer(AssociationType::Referral);
    let end = offer.invitation.expires_at;
    assert_eq!(offer.expect_open(end - TimeDelta::microseconds(1)), Ok(()));
    assert_eq!(offer.expect_open(end), Err(CustomerRefusal::LinkExpired));
    offer.inviter.state = OrganisationState::Frozen;
    let before = end - TimeDelta::days(1);
    assert_eq!(
        offer.expect_open(before),
        Err(CustomerRefusal::PartnerInactive)
    );
    offer.invitation.answer = Answer::Revoked;
    assert_eq!(offer.expect_open(before), Err(CustomerRefusal::LinkRevoked));
}

/// R-CUS-2: both kinds of account, with and without the tick, under older and newer texts.
#[test]
fn r_cus_2_a_personal_account_needs_the_tick_under_the_texts_that_hold() {
    let both = || ("标题".to_owned(), "Title".to_owned());
    let text = |version| Text::new(version, both(), both());
    let texts = Texts {
        notice: text(3),
        user_agreement: text(4),
        privacy_statement: text(5),
        release: text(6),
        attributes: Vec::new(),
    };
    let given = ConsentGiven {
        user_agreement: 4,
        privacy_statement: 5,
        release: 6,
    };
    let shown = |notice, consent| Shown {
        notice,
        consent,
        locale: Locale::En,
    };
    let check = |kind, shown| check_consent(kind, shown, &texts);
    let (cloud, personal) = (AccountKind::Cloud, AccountKind::Personal);
    assert_eq!(check(cloud, shown(3, None)), Ok(None));
    assert_eq!(
        check(cloud, shown(3, Some(given))),
        Ok(None),
        "nothing is kept"
    );
    assert_eq!(check(personal, shown(3, Some(given))), Ok(Some(given)));
    assert_eq!(
        check(personal, shown(3, None)),
        Err(CustomerRefusal::ConsentRequired)
    );
    let outdated = Err(CustomerRefusal::ConsentOutdated);
    assert_eq!(check(cloud, shown(2, None)), outdated);
    for other in [
        ConsentGiven {
            user_agreement: 3,
            ..given
        },
        ConsentGiven {
            privacy_statement: 6,
            ..given
        },
        ConsentGiven {
            release: 5,
            ..given
        },
    ] {
        assert_eq!(check(personal, shown(3, Some(other))), outdated);
    }
}

/// R-CUS-8: the last instant and the one after, over months of different lengths, and with another rule.
#[test]
fn r_cus_8_an_end_counts_for_three_months_to_the_instant() {
    let blocked = |maximum, ended: &[&str], now: &str| {
        let facts = EndFacts {
            holding: HoldingFacts {
                dissociated_at: ended.iter().map(|text| at(text)).collect(),
                ..HoldingFacts::default()
            },
            rule: CustomerDissociation {
                maximum,
                within_months: 3,
            },
            by_administrator: true,
            now: at(now),
        };
        blockers_of_end(&facts)
            .first()
            .and_then(|(_, until)| *until)
    };
    let november = ["2026-11-30T04:00:00Z"];
    // There is no 30 February in the programme's zone either.
    let until = at("2027-02-28T04:00:00Z");
    assert_eq!(
        blocked(1, &november, "2027-02-28T03:59:59.999999Z"),
        Some(until)
    );
    assert_eq!(blocked(1, &november, "2027-02-28T04:00:00Z"), None);
    assert_eq!(blocked(1, &[], "2027-02-28T04:00:00Z"), None);
    let two = ["2026-12-20T00:00:00Z", "2026-11-10T00:00:00Z"];
    assert_eq!(blocked(3, &two, "2026-12-21T00:00:00Z"), None);
    assert_eq!(
        blocked(2, &two, "2026-12-21T00:00:00Z"),
        Some(at("2027-02-10T00:00:00Z")),
        "the older one has to fall out"
    );
}
