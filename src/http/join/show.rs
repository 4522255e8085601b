//! What the page shows, as values for its template.

use minijinja::{Value, context};
use url::form_urlencoded;
use uuid::Uuid;

use crate::customers::{AssociationType, Choice, Offer, Remedy, Text, Texts, remedy_of};
use crate::error::{Refusal, Refusals};
use crate::i18n::{self, Locale};
use crate::rules::PROGRAMME_ZONE;

/// The states of the page.
pub(super) enum View {
    /// A field for the code of a link.
    Code {
        faults: Vec<Value>,
    },
    Offer(Box<Shown>),
    Joined,
}

/// What whoever has the link is shown.
pub(super) struct Shown {
    pub(super) offer: Offer,
    pub(super) texts: Texts,
    /// `None` when nobody is signed in.
    pub(super) choices: Option<Vec<Choice>>,
    /// Under which the form is sent.
    pub(super) key: Uuid,
    pub(super) faults: Vec<Value>,
    /// Whether the missing tick is what is wrong.
    pub(super) unticked: bool,
    /// The account that was chosen when something was wrong.
    pub(super) chosen: Option<String>,
}

/// Each refusal as a sentence, with what helps (R-CUS-7).
pub(super) fn faults(refusals: &Refusals, locale: Locale) -> Vec<Value> {
    let fault = |refusal: &Refusal| {
        let again = remedy_of(refusal.reason.0) == Some(Remedy::InviteAgain);
        context! { text => sentence(refusal, locale), reason => refusal.reason.0, again }
    };
    refusals.iter().map(fault).collect()
}

fn sentence(refusal: &Refusal, locale: Locale) -> String {
    i18n::sentence(refusal.reason.0, &refusal.params, locale)
        .unwrap_or_else(|| refusal.reason.0.to_owned())
}

/// A path of ours that keeps the language.
pub(super) fn address(path: &str, locale: Locale) -> String {
    format!("{path}?lang={}", locale.tag())
}

pub(super) fn values(locale: Locale, view: &View) -> Value {
    let page = context! {
        lang => locale.tag(),
        en => locale == Locale::En,
        open => address("/join", locale),
        accept => address("/join/accept", locale),
        sign_in => sign_in(locale),
    };
    let state = match view {
        View::Code { faults } => context! { state => "code", faults },
        View::Joined => context! { state => "joined" },
        View::Offer(shown) => of_offer(shown, locale),
    };
    context! { ..state, ..page }
}

fn sign_in(locale: Locale) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("return_to", &address("/join", locale))
        .finish();
    format!("/saml/login?{query}")
}

fn of_offer(shown: &Shown, locale: Locale) -> Value {
    let text = |text: &Text| {
        context! { version => text.version, title => text.title(locale), text => text.text(locale) }
    };
    let expires = shown
        .offer
        .invitation
        .expires_at
        .with_timezone(&PROGRAMME_ZONE);
    let chosen = shown.chosen.as_deref();
    let choices = shown.choices.as_ref().map(|choices| {
        let choice = |choice: &Choice| of_choice(choice, chosen, locale);
        choices.iter().map(choice).collect::<Vec<_>>()
    });
    context! {
        state => "offer",
        faults => &shown.faults,
        partner => &shown.offer.inviter.name,
        resale => shown.offer.invitation.association == AssociationType::Resale,
        expires => expires.format("%Y-%m-%d %H:%M").to_string(),
        notice => text(&shown.texts.notice),
        user_agreement => text(&shown.texts.user_agreement),
        privacy_statement => text(&shown.texts.privacy_statement),
        release => text(&shown.texts.release),
        signed_in => choices.is_some(),
        choices,
        key => shown.key.to_string(),
        unticked => shown.unticked,
    }
}

fn of_choice(choice: &Choice, chosen: Option<&str>, locale: Locale) -> Value {
    let account = &choice.account;
    let params = [("name", account.name.clone())].into();
    let because = i18n::sentence("CUSTOMER_CLOUD_ACCOUNT_FIRST", &params, locale);
    let causes = choice.causes.iter().copied().map(Refusal::from);
    context! {
        id => &account.id,
        name => &account.name,
        kind => account.kind.as_str(),
        checked => chosen.map_or(choice.preselected, |chosen| chosen == account.id),
        because => because.filter(|_| choice.preselected && choice.has_namesake),
        causes => causes.map(|cause| sentence(&cause, locale)).collect::<Vec<_>>(),
    }
}
