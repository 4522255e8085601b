//! The page that a customer opens, with plain HTML and no script.

use reqwest::header::{HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;

use super::*;
use crate::support::person::{Form, forms};

/// A browser that keeps its cookies in a line and follows nothing by itself.
struct Browser {
    http: reqwest::Client,
    base: reqwest::Url,
    cookies: Vec<String>,
    language: &'static str,
}

struct Seen {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Browser {
    fn new(world: &World) -> Self {
        Self {
            http: reqwest::Client::builder()
                .redirect(Policy::none())
                .build()
                .unwrap(),
            base: world.app.base.clone(),
            cookies: Vec::new(),
            language: "en",
        }
    }

    fn of(world: &World, person: &Caller) -> Self {
        let mut browser = Self::new(world);
        browser.cookies.push(person.cookie.clone());
        browser
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Seen {
        let request = request
            .header("cookie", self.cookies.join("; "))
            .header("accept-language", self.language);
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
                "{cookie}"
            );
            let pair = cookie.split(';').next().unwrap();
            let name = pair.split('=').next().unwrap().to_owned() + "=";
            self.cookies.retain(|kept| !kept.starts_with(&name));
            if !cookie.contains("Max-Age=0") {
                self.cookies.push(pair.to_owned());
            }
        }
        Seen {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    }

    async fn get(&mut self, path: &str) -> Seen {
        let request = self.http.get(self.base.join(path).unwrap());
        self.send(request).await
    }

    async fn post(&mut self, path: &str, form: &Form) -> Seen {
        let request = self.http.post(self.base.join(path).unwrap());
        let request = request.header(ORIGIN, self.base.origin().ascii_serialization());
        self.send(request.form(&form.fields)).await
    }

    /// Types the code into the page, as one does without script.
    async fn open(&mut self, code: &str) -> Seen {
        let page = self.get("/join").await;
        let mut form = forms(&page.text).remove(0);
        form.fields.insert("code".to_owned(), code.to_owned());
        let kept = self.post(&form.action.clone(), &form).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        let next = kept.headers[LOCATION].to_str().unwrap().to_owned();
        self.get(&next).await
    }
}

/// The form by which an account is associated, as the page would send it.
fn join_form(seen: &Seen) -> Form {
    let mut all = forms(&seen.text).into_iter();
    let mut form = all
        .find(|form| form.action.starts_with("/join/accept"))
        .unwrap_or_else(|| panic!("no form in {}", seen.text));
    // The support's reader knows no ticks: it takes the last account, and the consent as given.
    form.fields.remove("agree");
    form.fields
        .insert("account".to_owned(), checked(&seen.text));
    form
}

/// The account that is chosen before the person does anything.
fn checked(html: &str) -> String {
    let tags = html
        .split("<input ")
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap());
    let chosen: Vec<&str> = tags
        .filter(|tag| tag.contains("type=\"radio\"") && tag.contains(" checked"))
        .collect();
    assert_eq!(chosen.len(), 1, "{chosen:?}");
    let value = chosen[0].split("value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

/// R-CUS-1 and R-CUS-11 by plain HTML: the cloud account is chosen, and one press is all.
#[tokio::test]
async fn r_cus_11_the_page_offers_both_accounts_and_one_press_associates_the_cloud_account() {
    let world = World::new().await;
    let person = world.app.stranger("haichuan").await;
    world.holds(person.identity, "haichuan", "PERSONAL").await;
    world.holds(person.identity, "haichuan", "CLOUD").await;
    let invited = world.invite().await;
    let mut visitor = Browser::new(&world);

    let before = visitor
        .open(&format!("https://portal.example/join#{}", invited.token))
        .await;
    assert_eq!(before.status, 200);
    assert!(
        before.text.contains("蓝岭伙伴")
            && before.text.contains("Customer association with a partner")
    );
    assert!(
        before.text.contains("login?return_to=%2Fjoin%3Flang%3Den"),
        "{}",
        before.text
    );
    assert!(!before.text.contains("haichuan"), "nobody is signed in");
    assert!(
        !before.text.contains(&invited.token),
        "the secret is in no page"
    );
    let policy = before.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    assert_eq!(before.headers["referrer-policy"], "no-referrer");
    assert_eq!(before.headers["cache-control"], "no-store");

    visitor.cookies.push(person.cookie.clone());
    let page = visitor.get("/join").await;
    assert_eq!(page.text.matches("type=\"radio\"").count(), 2);
    assert!(
        page.text.contains("The cloud account is chosen, because"),
        "{}",
        page.text
    );
    let form = join_form(&page);
    assert_eq!(form.fields["account"], "haichuan-CLOUD");
    let done = visitor.post(&form.action, &form).await;
    assert_eq!(done.status, 200);
    assert!(
        done.text.contains("You are associated with the partner"),
        "{}",
        done.text
    );

    let seen = world.only_customer(&world.admin).await;
    assert_eq!(seen["account"]["accountId"], "haichuan-CLOUD");
    assert!(
        visitor
            .cookies
            .iter()
            .all(|it| !it.starts_with("portico_join"))
    );
    assert!(
        !visitor.cookies.contains(&person.cookie),
        "the session is the customer's now"
    );
    assert_eq!(
        world
            .app
            .count(
                "SELECT count(*) FROM sessions WHERE member_id IS NOT NULL AND revoked_at IS NULL"
            )
            .await,
        4
    );
}

/// R-CUS-2 by plain HTML: exactly the sentence, in the person's language, and nothing without the tick.
#[tokio::test]
async fn r_cus_2_the_page_shows_the_one_sentence_and_takes_nothing_without_the_tick() {
    let world = World::new().await;
    let person = world.app.stranger("anna").await;
    world.holds(person.identity, "anna", "PERSONAL").await;
    let invited = world.invite().await;
    let mut visitor = Browser::of(&world, &person);
    visitor.language = "zh-CN,en;q=0.5";
    let page = visitor.open(&invited.token).await;
    assert!(page.text.contains("<html lang=\"zh-CN\">"));
    let sentence = "并同意个人账号服务向本门户及邀请我的伙伴提供我账号的以下六项属性：账号名、手机号、电子邮箱、注册国家或地区、账号标识、账号状态。";
    assert_eq!(page.text.matches(sentence).count(), 1);
    let mut form = join_form(&page);
    let before = world.everything().await;

    let refused = visitor.post(&form.action.clone(), &form).await;
    assert!(
        refused.text.contains("data-reason=\"CONSENT_REQUIRED\""),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("请勾选同意"));
    assert_eq!(world.everything().await, before);

    let english = visitor.get("/join?lang=en").await;
    assert!(
        english.text.contains("<html lang=\"en\">")
            && english.text.contains("these six attributes")
    );
    form = join_form(&refused);
    form.fields.insert("agree".to_owned(), "yes".to_owned());
    let done = visitor.post(&form.action.clone(), &form).await;
    assert!(done.text.contains("关联完成"), "{}", done.text);
    let seen = world.only_customer(&world.admin).await;
    assert_eq!(seen["consent"]["language"], "zh-CN");
    assert_eq!(seen["consent"]["attributes"].as_array().unwrap().len(), 6);
    // The same press once more is the same association.
    visitor.cookies.push(format!(
        "portico_join_{}={}",
        world.app.base.port().unwrap(),
        invited.token
    ));
    let again = visitor.post(&form.action.clone(), &form).await;
    assert!(again.text.contains("关联完成"), "{}", again.text);
    assert_eq!(world.app.count("SELECT count(*) FROM customers").await, 1);
}

/// R-CUS-7 by plain HTML.
#[tokio::test]
async fn r_cus_7_the_page_says_what_is_wrong_and_what_helps() {
    let world = World::new().await;
    let person = world.app.stranger("anna").await;
    world
        .holds_with(person.identity, "anna", ("CLOUD", "CN"), &["UNPAID_BILLS"])
        .await;
    let mut visitor = Browser::of(&world, &person);
    for code in ["", "x", &"A".repeat(43), "<script>alert(1)</script>"] {
        let page = visitor.open(code).await;
        assert!(
            page.text.contains("data-reason=\"CUSTOMER_LINK_UNKNOWN\""),
            "{code}: {}",
            page.text
        );
        assert!(
            page.text
                .contains("Ask the partner to send the newest link again")
        );
        assert!(!page.text.contains("<script>alert"));
    }
    let invited = world.invite().await;
    let page = visitor.open(&invited.token).await;
    assert!(
        page.text.contains("This account has unpaid bills"),
        "told before anything is pressed"
    );
    let form = join_form(&page);
    let refused = visitor.post(&form.action, &form).await;
    assert!(
        refused
            .text
            .contains("data-reason=\"CUSTOMER_UNPAID_BILLS\"")
    );
    assert_eq!(world.app.count("SELECT count(*) FROM customers").await, 0);
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM customer_invitations WHERE refused_at IS NOT NULL")
            .await,
        1
    );
    let nobody = world.app.stranger("nobody").await;
    let mut visitor = Browser::of(&world, &nobody);
    let page = visitor.open(&invited.token).await;
    assert!(
        page.text
            .contains("No account is known for the person who is signed in")
    );
}

#[tokio::test]
async fn a_form_of_another_site_or_of_another_kind_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let person = world.buyer("anna").await;
    let invited = world.invite().await;
    let mut visitor = Browser::of(&world, &person);
    let page = visitor.open(&invited.token).await;
    let form = join_form(&page);
    let before = world.everything().await;
    let url = world.app.base.join(&form.action).unwrap();
    let post = |visitor: &Browser| visitor.http.post(url.clone()).form(&form.fields);

    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("x-nothing", "1"),
    ] {
        let request = post(&visitor).header(name, value);
        let answer = visitor.send(request).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    let json = visitor
        .http
        .post(url.clone())
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/json")
        .body("{}");
    assert_eq!(visitor.send(json).await.status, 415);
    let twice = visitor
        .http
        .post(url.clone())
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("account=a&account=b");
    assert_eq!(visitor.send(twice).await.status, 400);
    let long = visitor
        .http
        .post(url.clone())
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("a=".to_owned() + &"b".repeat(9_000));
    assert_eq!(visitor.send(long).await.status, 413);
    let other = visitor.http.get(url.clone());
    assert_eq!(visitor.send(other).await.status, 405);
    assert_eq!(visitor.get("/join/else").await.status, 404);
    assert_eq!(world.everything().await, before);
    // Signed out, or with the code gone, the page begins again.
    let mut signed_out = Browser::new(&world);
    let begun = signed_out.post(&form.action, &form).await;
    assert_eq!(begun.status, 303);
    assert_eq!(world.everything().await, before);
}
