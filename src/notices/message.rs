//! What people read: the sentence of a notice in their language, and the letter and the text message around it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, context};

use super::model::{Notice, NoticeKind};
use crate::i18n::{self, Locale};

/// The one template whose values are not escaped: nothing in it is read as markup.
const PLAIN: &str = "letter.txt";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|name| match name {
        PLAIN => AutoEscape::None,
        _ => AutoEscape::Html,
    });
    for (name, source) in [
        (PLAIN, include_str!("templates/letter.txt")),
        ("letter.html", include_str!("templates/letter.html")),
    ] {
        // A template that does not parse makes an empty letter; a test renders both.
        if let Err(error) = templates.add_template(name, source) {
            tracing::error!(%error, "letter template");
        }
    }
    templates
});

/// Where links in letters lead: an address with `{id}` in the place of the object's global id.
#[derive(Debug, Clone)]
pub(crate) struct Link(pub(crate) String);

impl Link {
    fn to(&self, object: &str) -> String {
        self.0.replace("{id}", object)
    }
}

/// A mail, but for its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Letter {
    /// One to somebody who is no member: a subject, a sentence, and where the link leads.
    pub(crate) fn of(locale: Locale, (subject, sentence): (&str, &str), link: &str) -> Self {
        let say = |key| i18n::sentence(key, &BTreeMap::new(), locale).unwrap_or_default();
        let values = context! {
            language => locale.tag(),
            subject,
            sentence,
            open => say("NOTICE_LETTER_OPEN"),
            link,
            footer => say("LETTER_UNASKED_FOOTER"),
        };
        Self {
            subject: one_line(subject),
            text: rendered(PLAIN, &values),
            html: rendered("letter.html", &values),
        }
    }
}

fn rendered(name: &str, values: &minijinja::Value) -> String {
    let template = TEMPLATES.get_template(name);
    template
        .and_then(|template| template.render(values))
        .unwrap_or_else(|error| {
            tracing::error!(%error, "letter template");
            String::new()
        })
}

/// The sentence that stands in the portal.
pub(super) fn sentence(notice: &Notice, locale: Locale) -> String {
    say(&key(notice.kind), notice, locale)
}

/// The sentence, the reason, a link, and where to say that one wants it otherwise.
pub(super) fn letter(notice: &Notice, locale: Locale, link: &Link) -> Letter {
    let reason = notice.reason.as_deref().filter(|reason| !reason.is_empty());
    let subject = say(&format!("{}_SUBJECT", key(notice.kind)), notice, locale);
    let values = context! {
        language => locale.tag(),
        subject => &subject,
        sentence => sentence(notice, locale),
        reason_is => reason.map(|_| say("NOTICE_LETTER_REASON", notice, locale)),
        reason,
        open => say("NOTICE_LETTER_OPEN", notice, locale),
        link => link.to(&notice.object),
        footer => say("NOTICE_LETTER_FOOTER", notice, locale),
    };
    Letter {
        subject: one_line(&subject),
        text: rendered(PLAIN, &values),
        html: rendered("letter.html", &values),
    }
}

pub(super) fn text_message(notice: &Notice, locale: Locale, link: &Link) -> String {
    let sentence = one_line(&sentence(notice, locale));
    format!("{sentence} {}", link.to(&notice.object))
}

fn key(kind: NoticeKind) -> String {
    format!("NOTICE_{}", kind.as_str())
}

fn say(key: &str, notice: &Notice, locale: Locale) -> String {
    let params: BTreeMap<&'static str, String> = notice.params.for_sentence();
    i18n::sentence(key, &params, locale).unwrap_or_else(|| key.to_owned())
}

/// Nothing that could begin a header or another line.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{IdSource, NoticeId};
    use crate::notices::model::Params;

    fn notice(kind: NoticeKind) -> Notice {
        Notice {
            id: IdSource.fresh::<NoticeId>(),
            kind,
            object: "opp_AAAA".to_owned(),
            params: Params::default()
                .with("number", "OPP-2026-7F3K9Q")
                .with("stage", "SIGNED")
                .with("lastDay", "2026-10-12"),
            reason: Some("<b>预算</b> & 时间".to_owned()),
            at: chrono::DateTime::UNIX_EPOCH,
            read_at: None,
        }
    }

    fn link() -> Link {
        Link("https://portal.example/?id={id}".to_owned())
    }

    #[test]
    fn every_kind_has_a_sentence_and_a_subject_in_both_languages() {
        for &kind in NoticeKind::ALL {
            let [chinese, english] = Locale::ALL.map(|locale| {
                let letter = letter(&notice(kind), locale, &link());
                let sentence = sentence(&notice(kind), locale);
                assert!(!sentence.contains("NOTICE_") && !letter.subject.contains("NOTICE_"));
                assert!(sentence.contains("OPP-2026-7F3K9Q"), "{sentence}");
                assert!(letter.subject.contains("OPP-2026-7F3K9Q"), "{letter:?}");
                (sentence, letter.subject)
            });
            assert!(chinese.0 != english.0 && chinese.1 != english.1, "{kind:?}");
        }
    }

    #[test]
    fn a_letter_holds_sentence_reason_link_and_footer_and_escapes_what_was_typed() {
        for locale in Locale::ALL {
            let notice = notice(NoticeKind::OpportunityReviewRejected);

            let letter = letter(&notice, locale, &link());

            for part in [
                &sentence(&notice, locale),
                "<b>预算</b> & 时间",
                "https://portal.example/?id=opp_AAAA",
            ] {
                assert!(letter.text.contains(part), "{part} in {}", letter.text);
            }
            assert!(
                letter
                    .html
                    .contains("&lt;b&gt;预算&lt;&#x2f;b&gt; &amp; 时间")
            );
            assert!(letter.html.contains(&format!("lang=\"{}\"", locale.tag())));
            assert!(letter.html.contains("id=opp_AAAA"));
        }
    }

    #[test]
    fn a_line_break_in_a_value_begins_no_header() {
        let mut notice = notice(NoticeKind::OpportunityValidated);
        notice.params = Params::default().with("number", "OPP\r\nBcc: everybody@example.com");

        let letter = letter(&notice, Locale::En, &link());

        assert!(!letter.subject.contains(['\r', '\n']));
        assert!(!text_message(&notice, Locale::En, &link()).contains(['\r', '\n']));
    }
}
