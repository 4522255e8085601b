//! The few HTML pages that the gateway itself shows, in Chinese and English on one page: whoever sees them is not
//! signed in, so nobody knows their language. The page for customers has long texts: it is in one language with a link to
//! the other. Every page works without script, but for the one of members' invitations.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, Value};
use poem::http::{StatusCode, header};
use poem::{Response, Route};

/// Nothing from elsewhere, nothing inline, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("style.css");
const SUBMIT: &str = include_str!("submit.js");
const JOIN: &str = include_str!("join.js");
const INVITATION: &str = include_str!("invitation.js");
const DEDICATED_INVITATION: &str = include_str!("dedicated_invitation.js");

/// A page. Its values are escaped by the templates, all of which are named `….html`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    SignInFailed,
    Unavailable,
    ChooseProvider,
    SignedOut,
    UnknownReturnTo,
    Invitation,
    DedicatedInvitation,
    Join,
    TooMany,
    Document,
    DevSignIn,
    DevAnswer,
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_name| AutoEscape::Html);
    for (name, source) in [
        ("layout.html", include_str!("layout.html")),
        ("sign_in_failed.html", include_str!("sign_in_failed.html")),
        ("unavailable.html", include_str!("unavailable.html")),
        ("choose_provider.html", include_str!("choose_provider.html")),
        ("signed_out.html", include_str!("signed_out.html")),
        (
            "unknown_return_to.html",
            include_str!("unknown_return_to.html"),
        ),
        ("invitation.html", include_str!("invitation.html")),
        (
            "dedicated_invitation.html",
            include_str!("dedicated_invitation.html"),
        ),
        ("join.html", include_str!("join.html")),
        ("too_many.html", include_str!("too_many.html")),
        ("document.html", include_str!("document.html")),
        ("dev_sign_in.html", include_str!("dev_sign_in.html")),
        ("dev_answer.html", include_str!("dev_answer.html")),
    ] {
        // A template that does not parse is missing below; a test renders each.
        if let Err(error) = templates.add_template(name, source) {
            tracing::error!(%error, "page template");
        }
    }
    templates
});

impl Page {
    fn template(self) -> &'static str {
        match self {
            Self::SignInFailed => "sign_in_failed.html",
            Self::Unavailable => "unavailable.html",
            Self::ChooseProvider => "choose_provider.html",
            Self::SignedOut => "signed_out.html",
            Self::UnknownReturnTo => "unknown_return_to.html",
            Self::Invitation => "invitation.html",
            Self::DedicatedInvitation => "dedicated_invitation.html",
            Self::Join => "join.html",
            Self::TooMany => "too_many.html",
            Self::Document => "document.html",
            Self::DevSignIn => "dev_sign_in.html",
            Self::DevAnswer => "dev_answer.html",
        }
    }

    pub(crate) fn respond(self, status: StatusCode, values: Value) -> Response {
        let html = TEMPLATES
            .get_template(self.template())
            .and_then(|template| template.render(values))
            .inspect_err(|error| tracing::error!(%error, page = ?self, "page"));
        let Ok(html) = html else {
            return StatusCode::INTERNAL_SERVER_ERROR.into();
        };
        Response::builder()
            .status(status)
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, "no-referrer")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .body(html)
    }
}

/// Adds the pages' style and scripts to the route table, and the pages that links of invitations open.
pub(crate) fn mount(route: Route) -> Route {
    let invitation = |_request| Page::Invitation.respond(StatusCode::OK, Value::UNDEFINED);
    let dedicated = |_request| Page::DedicatedInvitation.respond(StatusCode::OK, Value::UNDEFINED);
    route
        .at(
            "/dedicated-invitation",
            poem::get(poem::endpoint::make_sync(dedicated)),
        )
        .at(
            "/pages/dedicated-invitation.js",
            asset("text/javascript; charset=utf-8", DEDICATED_INVITATION),
        )
        .at(
            "/invitation",
            poem::get(poem::endpoint::make_sync(invitation)),
        )
        .at(
            "/pages/invitation.js",
            asset("text/javascript; charset=utf-8", INVITATION),
        )
        .at(
            "/pages/join.js",
            asset("text/javascript; charset=utf-8", JOIN),
        )
        .at("/pages/style.css", asset("text/css; charset=utf-8", STYLE))
        .at(
            "/pages/submit.js",
            asset("text/javascript; charset=utf-8", SUBMIT),
        )
}

fn asset(content_type: &'static str, text: &'static str) -> poem::RouteMethod {
    poem::get(poem::endpoint::make_sync(move |_request| {
        Response::builder()
            .content_type(content_type)
            .header(header::CACHE_CONTROL, "public, max-age=3600")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .body(text)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Page; 12] = [
        Page::SignInFailed,
        Page::Unavailable,
        Page::ChooseProvider,
        Page::SignedOut,
        Page::UnknownReturnTo,
        Page::Invitation,
        Page::DedicatedInvitation,
        Page::Join,
        Page::TooMany,
        Page::Document,
        Page::DevSignIn,
        Page::DevAnswer,
    ];

    async fn text(page: Page, values: Value) -> String {
        let response = page.respond(StatusCode::OK, values);
        assert_eq!(response.status(), StatusCode::OK, "{page:?}");
        response.into_body().into_string().await.unwrap()
    }

    #[tokio::test]
    async fn every_page_speaks_both_languages_and_has_nothing_inline() {
        for page in ALL {
            let html = text(
                page,
                minijinja::context! { providers => Vec::<String>::new() },
            )
            .await;

            assert!(
                html.contains("lang=\"zh-CN\"") && html.contains("lang=\"en\""),
                "{page:?}"
            );
            for inline in ["<script>", "style=", "onclick=", "onload=", "onsubmit="] {
                assert!(!html.contains(inline), "{inline} in {page:?}");
            }
        }
    }

    #[tokio::test]
    async fn values_are_escaped() {
        let hostile = "\"><script>alert(1)</script>'&";

        let html = text(
            Page::SignInFailed,
            minijinja::context! { reference => hostile },
        )
        .await;
        let form = text(
            Page::DevSignIn,
            minijinja::context! { request => hostile, user => hostile },
        )
        .await;

        assert!(!html.contains("<script>alert") && !form.contains("<script>alert"));
        assert!(form.contains("&quot;&gt;&lt;script&gt;"));
    }
}
