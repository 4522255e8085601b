//! A person with a browser of their own: cookies, redirects and plain HTML forms, and nothing else.

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_TYPE, LOCATION, ORIGIN};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::{Value, json};

pub(crate) struct Person {
    client: Client,
    base: Url,
    language: &'static str,
}

/// A page as the browser shows it.
pub(crate) struct PageShown {
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl PageShown {
    /// Where a link with exactly this text leads.
    pub(crate) fn link_named(&self, text: &str) -> Option<String> {
        let (before, _) = self.text.split_once(&format!(">{text}</a>"))?;
        let tag = &before[before.rfind("<a")?..];
        attribute(tag, "href")
    }
}

/// What a form would send.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: BTreeMap<String, String>,
}

/// An answer of the graph.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Answer {
    /// What stands at a JSON pointer below `data`.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        assert!(self.body["errors"].is_null(), "{:#}", self.body);
        self.body["data"]
            .pointer(pointer)
            .unwrap_or_else(|| panic!("nothing at {pointer} in {:#}", self.body))
    }

    pub(crate) fn text(&self, pointer: &str) -> String {
        self.at(pointer)
            .as_str()
            .unwrap_or_else(|| panic!("no text at {pointer} in {:#}", self.body))
            .to_owned()
    }
}

impl Person {
    pub(crate) fn new(base: &Url) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            client,
            base: base.clone(),
            language: "en",
        }
    }

    /// The same person with a browser that prefers another language.
    pub(crate) fn speaking(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// Opens a page with its redirects.
    pub(crate) async fn open(&self, path: &str) -> PageShown {
        let url = self.base.join(path).unwrap();
        let answer = self.client.get(url).send().await.unwrap();
        self.follow(answer).await
    }

    async fn follow(&self, mut answer: Response) -> PageShown {
        for _ in 0..10 {
            if !answer.status().is_redirection() {
                let (url, status) = (answer.url().clone(), answer.status());
                return PageShown {
                    url,
                    status,
                    text: answer.text().await.unwrap(),
                };
            }
            let next = answer
                .url()
                .join(answer.headers()[LOCATION].to_str().unwrap())
                .unwrap();
            answer = self.client.get(next).send().await.unwrap();
        }
        panic!("more than 10 redirects, the last to {}", answer.url());
    }

    /// Sends a form of a page; the page is where it comes from.
    pub(crate) async fn submit(&self, page: &PageShown, form: &Form) -> PageShown {
        let target = if form.action.is_empty() {
            page.url.clone()
        } else {
            page.url.join(&form.action).unwrap()
        };
        let origin = page.url.origin().ascii_serialization();
        let request = self
            .client
            .post(target)
            .header(ORIGIN, origin)
            .form(&form.fields);
        self.follow(request.send().await.unwrap()).await
    }

    /// Signs in at whichever identity provider `path` leads to, and answers the last page that is shown.
    pub(crate) async fn sign_in(&self, path: &str, user: &str, password: &str) -> PageShown {
        let mut page = self.open(path).await;
        let mut asked = false;
        for _ in 0..6 {
            let all = forms(&page.text);
            let has = |name: &'static str| move |form: &&Form| form.fields.contains_key(name);
            if let Some(form) = all.iter().find(has("SAMLResponse")) {
                page = self.submit(&page, form).await;
            } else if let Some(form) = all.iter().find(has("password")).filter(|_| !asked) {
                let mut form = form.clone();
                form.fields.insert("username".to_owned(), user.to_owned());
                form.fields
                    .insert("password".to_owned(), password.to_owned());
                page = self.submit(&page, &form).await;
                asked = true;
            } else {
                break;
            }
        }
        page
    }

    /// Sends a file to where an upload was told to go.
    pub(crate) async fn put(&self, url: &str, body: &'static [u8]) -> u16 {
        let request = self
            .client
            .put(self.base.join(url).unwrap())
            .header("x-portico-csrf", "1")
            .header(ORIGIN, self.base.origin().ascii_serialization())
            .body(body);
        request.send().await.unwrap().status().as_u16()
    }

    /// Sends an operation as a page of our own origin does.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Answer {
        self.try_ask(query, variables).await.unwrap()
    }

    /// The same, for when the gateway may be gone.
    pub(crate) async fn try_ask(&self, query: &str, variables: Value) -> reqwest::Result<Answer> {
        let request = self
            .client
            .post(self.base.join("/graphql").unwrap())
            .header(CONTENT_TYPE, "application/json")
            .header("x-portico-csrf", "1")
            .header("accept-language", self.language)
            .header(ORIGIN, self.base.origin().ascii_serialization())
            .body(json!({ "query": query, "variables": variables }).to_string());
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body })
    }
}

/// Every form of a page, with the values that it would send.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find("<form") {
        let body = &rest[start..];
        let end = body.find("</form>").unwrap_or(body.len());
        let mut form = Form::default();
        for tag in body[..end].split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            let value = |name: &str| attribute(tag, name);
            if tag.starts_with("form") {
                form.action = value("action").unwrap_or_default();
            } else if tag.starts_with("input")
                && let Some(name) = value("name")
                && value("type").as_deref() != Some("submit")
            {
                form.fields.insert(name, value("value").unwrap_or_default());
            }
        }
        found.push(form);
        rest = &body[end..];
    }
    found
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag
        .find(&format!(" {name}=\""))
        .or_else(|| tag.find(&format!("\n{name}=\"")))?;
    let value = &tag[start + name.len() + 3..];
    Some(unescaped(&value[..value.find('"')?]))
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        let end = rest[start..]
            .find(';')
            .map_or(rest.len(), |end| start + end + 1);
        let entity = rest[start..end].trim_matches(['&', ';']);
        match entity {
            "amp" => out.push('&'),
            "lt" => out.push('<'),
            "gt" => out.push('>'),
            "quot" => out.push('"'),
            "apos" => out.push('\''),
            _ => {
                let number = entity.trim_start_matches('#');
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                out.push(code.ok().and_then(char::from_u32).unwrap());
            }
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Reports whatever the person's partner left alone: until then the vendor shares nothing with it (R-OPP-28, R-OPP-33).
pub(crate) async fn report_what_stalled(person: &Person) {
    const STALLED: &str = "{ opportunities(first: 50, where: { stalled: true }) { nodes { id version progressStage } } }";
    const REPORT: &str = "mutation($input: OpportunityProgressAddInput!) {
        opportunityProgressAdd(input: $input) { errors { reason } } }";
    loop {
        let answer = person.ask(STALLED, json!({})).await;
        let stalled = answer
            .at("/opportunities/nodes")
            .as_array()
            .unwrap()
            .clone();
        if stalled.is_empty() {
            return;
        }
        for deal in stalled {
            let stage = deal["progressStage"].as_str().unwrap_or("QUALIFYING");
            let input = json!({
                "opportunityId": deal["id"], "expectedVersion": deal["version"], "stage": stage, "winProbability": 50,
                "note": "Talked to the customer again", "idempotencyKey": uuid::Uuid::now_v7(),
            });
            let answer = person.ask(REPORT, json!({ "input": input })).await;
            assert_eq!(answer.at("/opportunityProgressAdd/errors"), &json!([]));
        }
    }
}
