//! Setting what the vendor answers: each partner for its own opportunities.

use std::sync::Arc;

use super::member;
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::sandbox::error::SandboxRefusal;
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
        if let Some(rules) = &self.rules {
            script::check(rules)?;
        }
        let organisation = scope
            .organisation()
            .ok_or(SandboxRefusal::ScriptIsAPartners)?;
        match &self.rules {
            Some(rules) => store::put_script(tx, organisation, rules).await?,
            None => store::remove_script(tx, organisation).await?,
        }
        Ok(())
    }
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
    Ok(scripts.remove(&organisation))
}
