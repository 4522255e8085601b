//! `[mail]` and `[sms]`: the ways on which notices leave the portal.

use std::path::PathBuf;
use std::str::FromStr as _;

use lettre::message::Mailbox;
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use super::reader::Reader;

pub struct Mail {
    pub transport: MailTransport,
    /// Where mail comes from; `None` only while it is off.
    pub from: Option<Mailbox>,
    /// Where links in letters lead, `{id}` standing for an object's global id; `None` for the portal's front page.
    pub link: Option<String>,
}

pub enum MailTransport {
    Off,
    /// The server's address, with its password.
    Smtp(SecretString),
    /// One file per message.
    Folder(PathBuf),
}

/// No provider is shipped: a folder is what an operator's own gateway takes texts from.
pub struct Sms {
    /// `None`: nobody is sent a text message.
    pub folder: Option<PathBuf>,
}

const TRANSPORT: &str = "mail.transport";
const URL: &str = "mail.url";
const FROM: &str = "mail.from";
const FOLDER: &str = "mail.folder";
const LINK: &str = "mail.link";
const SMS_TRANSPORT: &str = "sms.transport";
const SMS_FOLDER: &str = "sms.folder";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Off,
    Smtp,
    File,
}

impl Mail {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let way = reader.parsed(
            TRANSPORT,
            Way::Off,
            "smtp, file or off",
            |text| match text {
                "off" => Some(Way::Off),
                "smtp" => Some(Way::Smtp),
                "file" => Some(Way::File),
                _ => None,
            },
        );
        let (url, folder) = (read_server(reader), reader.path(FOLDER));
        let from = reader.parsed(
            FROM,
            None,
            "an address such as Portal <a@example.com>",
            |text| Mailbox::from_str(text).ok().map(Some),
        );
        let link = read_link(reader);
        if way != Way::Off && from.is_none() && reader.text(FROM).is_none() {
            reader.refuse(TRANSPORT, "needs `mail.from`: where mail comes from");
        }
        let transport = match (way, url, folder) {
            (Way::Smtp, Some(url), _) => MailTransport::Smtp(url),
            (Way::File, _, Some(folder)) => MailTransport::Folder(folder),
            (Way::Smtp, None, _) => {
                reader.refuse(TRANSPORT, "`smtp` needs `mail.url` or `mail.url_file`");
                MailTransport::Off
            }
            (Way::File, _, None) => {
                reader.refuse(TRANSPORT, "`file` needs `mail.folder`");
                MailTransport::Off
            }
            (Way::Off, ..) => MailTransport::Off,
        };
        Self {
            transport,
            from,
            link,
        }
    }
}

fn read_server(reader: &mut Reader) -> Option<SecretString> {
    let secret = reader.secret(URL)?;
    let parsed = Url::parse(secret.expose_secret()).ok();
    let Some(url) = parsed.filter(|url| {
        matches!(url.scheme(), "smtp" | "smtps")
            && url.host_str().is_some_and(|host| !host.is_empty())
    }) else {
        reader.refuse(
            URL,
            "must be an address such as smtps://user:password@smtp.example.com",
        );
        return None;
    };
    if reader.is_for_serving() && !is_encrypted(&url) && !is_loopback(&url) {
        reader.refuse(
            URL,
            "must use TLS: smtps://… or smtp://…?tls=required, else anybody on the way reads password and mail",
        );
    }
    Some(secret)
}

/// `opportunistic` is no encryption: whoever is on the way can talk the two out of it.
fn is_encrypted(url: &Url) -> bool {
    let required = |(key, value): (_, _)| key == "tls" && value == "required";
    url.scheme() == "smtps" || url.query_pairs().any(required)
}

fn is_loopback(url: &Url) -> bool {
    // `smtp` is no special scheme to the parser, which leaves its hosts as text.
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => {
            let address = name.parse::<std::net::IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

fn read_link(reader: &mut Reader) -> Option<String> {
    let link = reader.text(LINK)?;
    let url = Url::parse(&link.replace("{id}", "opp_0")).ok();
    let is_good = link.contains("{id}")
        && url.is_some_and(|url| match url.scheme() {
            "https" => true,
            "http" => !reader.is_for_serving(),
            _ => false,
        });
    if !is_good {
        reader.refuse(
            LINK,
            "must be an https address with {id} in it, such as https://portal.example.com/objects/{id}",
        );
        return None;
    }
    Some(link)
}

impl Sms {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let way = reader.parsed(SMS_TRANSPORT, Way::Off, "file or off", |text| match text {
            "off" => Some(Way::Off),
            "file" => Some(Way::File),
            _ => None,
        });
        let folder = reader.path(SMS_FOLDER);
        if way == Way::File && folder.is_none() {
            reader.refuse(SMS_TRANSPORT, "`file` needs `sms.folder`");
        }
        Self {
            folder: folder.filter(|_| way == Way::File),
        }
    }
}
