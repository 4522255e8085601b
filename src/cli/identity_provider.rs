//! Registering an identity provider from its metadata, for whoever starts a deployment or develops against an IAM.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::db::Tx;
use crate::identity::providers::{self, Subject};
use crate::ids::IdpId;
use crate::saml::{self, SubjectSource, Transport};

#[derive(Debug, Args)]
pub(super) struct IdentityProvider {
    /// The identity provider's SAML metadata
    #[arg(long = "idp-metadata", value_name = "FILE")]
    pub(super) metadata: PathBuf,
    /// What the identity provider is called on the sign-in page
    #[arg(long = "idp-name", value_name = "NAME")]
    pub(super) name: String,
    /// The attribute that holds a person's stable subject; without it, the persistent `NameID` does
    #[arg(long, value_name = "ATTRIBUTE")]
    pub(super) subject_attribute: Option<String>,
}

/// Registers it if its answers could be trusted; one that is known gets the new metadata.
pub(super) async fn register(
    tx: &mut Tx,
    idp: &IdentityProvider,
    transport: Transport,
) -> anyhow::Result<IdpId> {
    let text = read(&idp.metadata)?;
    let attribute = idp.subject_attribute.as_deref();
    let registration = saml::Registration {
        id: tx.fresh_id(),
        display_name: idp.name.clone(),
        subject: attribute.map_or(SubjectSource::PersistentNameId, |name| {
            SubjectSource::Attribute(name.to_owned())
        }),
        transport,
    };
    let usable = saml::read_identity_provider(&text, registration, tx.unmoved_now())
        .with_context(|| format!("{} cannot be registered", idp.metadata.display()))?;
    Ok(providers::register(
        tx,
        providers::Registration {
            entity_id: &usable.entity_id,
            display_name: &idp.name,
            metadata: &text,
            subject: attribute.map_or(Subject::PersistentNameId, Subject::Attribute),
        },
    )
    .await?)
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
