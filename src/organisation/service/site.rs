//! Which site somebody visits and which the account belongs to (R-GEN-10).

use crate::db::Snapshot;
use crate::error::Failure;
use crate::identity::site_hints;
use crate::organisation::model::Site;
use crate::viewer::Viewer;

/// The site that this gateway serves, and where the others are.
#[derive(Debug, Clone)]
pub(crate) struct Sites {
    pub(crate) visited: Site,
    pub(crate) addresses: Vec<(Site, String)>,
}

impl Default for Sites {
    fn default() -> Self {
        Self {
            visited: Site::Cn,
            addresses: Vec::new(),
        }
    }
}

impl Sites {
    pub(crate) fn address(&self, site: Site) -> Option<&str> {
        let found = self.addresses.iter().find(|(other, _)| *other == site);
        found.map(|(_, address)| address.as_str())
    }
}

/// The site that the viewer's organisation belongs to, when it is another than the visited one and the person has not
/// put the hint aside.
pub(in crate::organisation) async fn hint(
    viewer: &Viewer,
    snapshot: &Snapshot,
    sites: &Sites,
) -> Result<Option<Site>, Failure> {
    let Viewer::Member(member) = viewer else {
        return Ok(None);
    };
    let mut reading = snapshot.read().await?;
    let own = super::own(&mut reading, member.acting_for.organisation).await?;
    let Some(site) = own
        .map(|own| own.site)
        .filter(|&site| site != sites.visited)
    else {
        return Ok(None);
    };
    let dismissed = site_hints::is_dismissed(&mut reading, member.identity, site.as_str()).await?;
    Ok((!dismissed).then_some(site))
}
