//! What people are shown and agree to, and whether that is what holds now (R-CUS-2, R-CUS-3). Pure.

use chrono::{DateTime, Utc};

use crate::catalogue::accounts::{AccountKind, Attribute};
use crate::customers::error::CustomerRefusal;
use crate::i18n::Locale;
use crate::ids::IdentityId;

/// One version of a text, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) version: i32,
    title: Both,
    words: Both,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Both {
    zh: String,
    en: String,
}

impl Text {
    pub(in crate::customers) fn new(
        version: i32,
        (title_zh, title_en): (String, String),
        (text_zh, text_en): (String, String),
    ) -> Self {
        Self {
            version,
            title: Both {
                zh: title_zh,
                en: title_en,
            },
            words: Both {
                zh: text_zh,
                en: text_en,
            },
        }
    }

    pub(crate) fn title(&self, locale: Locale) -> &str {
        self.title.in_language(locale)
    }

    pub(crate) fn text(&self, locale: Locale) -> &str {
        self.words.in_language(locale)
    }
}

impl Both {
    fn in_language(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh,
            Locale::En => &self.en,
        }
    }
}

/// The texts that hold on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Texts {
    /// What an association with a partner means; shown to everybody.
    pub(crate) notice: Text,
    pub(crate) user_agreement: Text,
    pub(crate) privacy_statement: Text,
    /// The one sentence that is agreed to with the tick.
    pub(crate) release: Text,
    /// What that sentence names.
    pub(crate) attributes: Vec<Attribute>,
}

/// Which versions somebody had before the eyes when agreeing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConsentGiven {
    pub(crate) user_agreement: i32,
    pub(crate) privacy_statement: i32,
    pub(crate) release: i32,
}

/// What the person saw of the texts, and said to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) notice: i32,
    /// `None` without the tick.
    pub(crate) consent: Option<ConsentGiven>,
    pub(crate) locale: Locale,
}

/// A stored consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) given: ConsentGiven,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) locale: Locale,
    pub(crate) person: IdentityId,
    pub(crate) given_at: DateTime<Utc>,
}

/// A personal account needs the tick under the texts that hold now; of a cloud account nothing is released, so a tick
/// means nothing and none is kept.
pub(in crate::customers) fn check_consent(
    kind: AccountKind,
    shown: Shown,
    texts: &Texts,
) -> Result<Option<ConsentGiven>, CustomerRefusal> {
    if shown.notice != texts.notice.version {
        return Err(CustomerRefusal::ConsentOutdated);
    }
    match kind {
        AccountKind::Cloud => Ok(None),
        AccountKind::Personal => {
            let given = shown.consent.ok_or(CustomerRefusal::ConsentRequired)?;
            let current = ConsentGiven {
                user_agreement: texts.user_agreement.version,
                privacy_statement: texts.privacy_statement.version,
                release: texts.release.version,
            };
            if given == current {
                Ok(Some(given))
            } else {
                Err(CustomerRefusal::ConsentOutdated)
            }
        }
    }
}
