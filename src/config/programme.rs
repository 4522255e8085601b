//! `[programme]`: which site of the programme is served here. Its numbers are rules in the database.

use url::Url;

use super::reader::Reader;

pub struct Programme {
    /// The vendor's site that this gateway serves, `CN` or `INTL`.
    pub site: &'static str,
    /// Where people of each site find their portal.
    pub sites: Vec<(&'static str, Url)>,
}

/// The vendor's sites.
const SITES: [&str; 2] = ["CN", "INTL"];

impl Programme {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let known = |text: &str| SITES.into_iter().find(|site| *site == text);
        let site = reader.parsed("programme.site", "CN", "CN or INTL", known);
        let address = |site: &'static str| {
            let key = site.to_ascii_lowercase();
            let url = reader.url(&format!("programme.sites.{key}.url"))?;
            Some((site, url))
        };
        Self {
            site,
            sites: SITES.into_iter().filter_map(address).collect(),
        }
    }
}
