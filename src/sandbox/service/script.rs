//! Setting what the vendor answers: each partner for its own opportunities.

use std::sync::Arc;

use super::member;
use crate::catalogue;
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::{Failure, Faults};
use crate::ids::{OfferingId, OrganisationId};
use crate::sandbox::error::{SandboxRefusal, ScriptFault};
use crate::sandbox::model::script::{self, ScriptRule};
use crate::sandbox::store;
use crate::viewer::Viewer;

/// Sets the script of the viewer's organisation; without rules the usual one holds again.
#[derive(Debug, Clone)]
pub(crate) struct SetScript {
    pub(crate) rules: Option<Vec<ScriptRule>>,
}

impl Change for SetScript {
    type Outcome = ();
    const NAME: &'static str = "sandbox.vendor_script";
    const ACTION: &'static str = "sandboxVendorScript";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        let scope = member(viewer)?;
        if scope.organisation().is_none() {
            return Err(SandboxRefusal::ScriptIsAPartners.into());
        }
        Ok(scope)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<(), Failure> {
        let organisation = scope
            .organisation()
            .ok_or(SandboxRefusal::ScriptIsAPartners)?;
        if let Some(rules) = &self.rules {
            script::check(rules)?;
            check_offerings(tx, organisation, rules).await?;
        }
        match &self.rules {
            Some(rules) => store::put_script(tx, organisation, rules).await?,
            None => store::remove_script(tx, organisation).await?,
        }
        Ok(())
    }
}

/// Refuses to share for what is not the partner's, or what the vendor shares no deal for (R-OPP-29).
async fn check_offerings(
    tx: &mut Tx,
    organisation: OrganisationId,
    rules: &[ScriptRule],
) -> Result<(), Failure> {
    let named = |rule: &ScriptRule| Some(rule.deal.as_ref()?.offering);
    let ids: Vec<OfferingId> = rules.iter().filter_map(named).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let known = catalogue::offerings(tx, organisation, &ids).await?;
    let mut faults = Faults::default();
    for (place, rule) in rules.iter().enumerate() {
        let Some(wanted) = named(rule) else { continue };
        let path = format!("rules.{place}.deal.offeringId");
        match known.iter().find(|offering| offering.id == wanted) {
            None => faults.add(ScriptFault::OfferingUnknown.at(&path)),
            Some(offering) if !offering.can_be_shared_for() => {
                faults.add(ScriptFault::OfferingNotShareable.at(&path));
            }
            Some(_) => {}
        }
    }
    faults.check()
}

/// The script of the viewer's own organisation; `None` while the usual one holds.
pub(crate) async fn script(
    viewer: &Viewer,
    snapshot: &Snapshot,
) -> Result<Option<Arc<[ScriptRule]>>, Failure> {
    let Some(organisation) = viewer.organisation() else {
        return Ok(None);
    };
    let mut tx = snapshot.read().await?;
    let mut scripts = store::scripts(&mut tx, snapshot.scope()).await?;
    Ok(scripts.remove(&organisation).map(|script| script.rules))
}
