//! How contacts for customers look to a client. Translation only.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::model::{CustomerContact, Particulars};
use super::policy::{self, Action};
use super::service::{self, Add, Remove, Shown, Update};
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Read, Result, UserError, Version, global_id,
    loaded, payload,
};
use crate::ids::{CustomerContactId, OrganisationId, Tagged as _};
use crate::organisation::Member;
use crate::timeline::{self, TimelineEntryConnection};

/// What the viewer may do with a contact now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct CustomerContactViewerPermissions {
    /// Writing it anew.
    can_update: ActionPermission,
    /// Taking it away.
    can_remove: ActionPermission,
}

pub(crate) struct CustomerContactObject(pub(crate) CustomerContact);

/// A person or a desk that an organisation's customers turn to (客户联系人).
#[Object(name = "CustomerContact")]
impl CustomerContactObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// The name that customers read.
    async fn name(&self) -> &str {
        &self.0.particulars.name
    }

    /// The telephone number, in full: it is there to be called.
    async fn phone(&self) -> Option<&str> {
        self.0.particulars.phone.as_deref()
    }

    /// The e-mail address, in full.
    async fn email(&self) -> Option<&str> {
        self.0.particulars.email.as_deref()
    }

    /// Whether it was taken away; only its history is left then.
    async fn is_removed(&self) -> bool {
        self.0.is_removed
    }

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<TimelineEntryConnection> {
        let page = PageInput::of(first, after, last, before);
        timeline::connection_of(ctx, self.0.id, page).await
    }

    /// What the viewer may do with this contact now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> CustomerContactViewerPermissions {
        let permission =
            |action| ActionPermission::new(ctx, policy::verdict(action, ctx.viewer(), &self.0));
        CustomerContactViewerPermissions {
            can_update: permission(Action::Update),
            can_remove: permission(Action::Remove),
        }
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

/// Whom customers see.
#[derive(SimpleObject)]
pub(in crate::organisation) struct ShownContact {
    /// The name.
    name: String,
    /// The telephone number.
    phone: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// The contact, to change it; null for the administrator, who is shown while there are no contacts.
    contact: Option<CustomerContactObject>,
}

impl From<CustomerContact> for ShownContact {
    fn from(contact: CustomerContact) -> Self {
        let given = contact.particulars.clone();
        Self {
            name: given.name,
            phone: given.phone,
            email: given.email,
            contact: Some(CustomerContactObject(contact)),
        }
    }
}

impl From<Member> for ShownContact {
    fn from(member: Member) -> Self {
        Self {
            name: member.name,
            phone: member.mobile,
            email: Some(member.email),
            contact: None,
        }
    }
}

/// The contacts of an organisation as customers see them.
pub(in crate::organisation) async fn contacts_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
) -> Result<Vec<ShownContact>> {
    Ok(match loaded(ctx, ShownOf(organisation)).await? {
        Some(Shown::Contacts(contacts)) => contacts.into_iter().map(ShownContact::from).collect(),
        Some(Shown::Administrator(member)) => {
            let member = loaded(ctx, member).await?;
            member.map(ShownContact::from).into_iter().collect()
        }
        None => Vec::new(),
    })
}

/// Asks whom customers of an organisation see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct ShownOf(OrganisationId);

impl Loader<ShownOf> for Read {
    type Value = Shown;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[ShownOf],
    ) -> std::result::Result<HashMap<ShownOf, Shown>, Arc<Failure>> {
        let organisations: Vec<OrganisationId> = keys.iter().map(|key| key.0).collect();
        let found = service::shown(&self.viewer, &self.snapshot, &organisations).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|(of, shown)| (ShownOf(of), shown)).collect())
    }
}

/// Names another contact.
#[derive(InputObject)]
struct CustomerContactAddInput {
    /// 1 to 100 characters.
    name: String,
    /// A telephone number of 3 to 32 characters; this or email is needed.
    phone: Option<String>,
    /// An e-mail address; this or phone is needed.
    email: Option<String>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Writes a contact anew.
#[derive(InputObject)]
struct CustomerContactUpdateInput {
    /// The contact that it is about.
    customer_contact_id: ID,
    /// 1 to 100 characters.
    name: String,
    /// A telephone number of 3 to 32 characters; this or email is needed.
    phone: Option<String>,
    /// An e-mail address; this or phone is needed.
    email: Option<String>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Takes a contact away.
#[derive(InputObject)]
struct CustomerContactRemoveInput {
    /// The contact that it is about.
    customer_contact_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject)]
            struct $name {
                /// The contact as it is now; null when nothing was done.
                contact: Option<CustomerContactObject>,
                /// Why nothing was done; empty when it was.
                errors: Vec<UserError>,
                /// Whether the idempotency key was used before: then nothing was done again.
                replayed: bool,
            }

            impl $name {
                async fn of(
                    ctx: &Context<'_>,
                    result: std::result::Result<Applied<CustomerContactId>, Failure>,
                ) -> Result<Self> {
                    let (contact, errors, replayed) = payload(ctx, result)?;
                    let contact = match contact {
                        Some(contact) => loaded(ctx, contact).await?.map(CustomerContactObject),
                        None => None,
                    };
                    Ok(Self { contact, errors, replayed })
                }
            }
        )*
    };
}

payloads! {
    /// What came of naming a contact.
    CustomerContactAddPayload;
    /// What came of writing a contact anew.
    CustomerContactUpdatePayload;
    /// What came of taking a contact away.
    CustomerContactRemovePayload;
}

#[derive(Default)]
pub(crate) struct CustomerContactMutation;

#[Object]
impl CustomerContactMutation {
    /// Names whom a partner's customers turn to; at most five; needs member.manage (R-ORG-15).
    async fn customer_contact_add(
        &self,
        ctx: &Context<'_>,
        input: CustomerContactAddInput,
    ) -> Result<CustomerContactAddPayload> {
        let change = Add {
            particulars: Particulars {
                name: input.name,
                phone: input.phone,
                email: input.email,
            },
        };
        CustomerContactAddPayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Writes a contact anew, as a whole; needs member.manage.
    async fn customer_contact_update(
        &self,
        ctx: &Context<'_>,
        input: CustomerContactUpdateInput,
    ) -> Result<CustomerContactUpdatePayload> {
        let change = Update {
            contact: global_id(&input.customer_contact_id),
            expected_version: input.expected_version.0,
            particulars: Particulars {
                name: input.name,
                phone: input.phone,
                email: input.email,
            },
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        CustomerContactUpdatePayload::of(ctx, applied).await
    }

    /// Takes a contact away. Without any, customers see the administrator; needs member.manage.
    async fn customer_contact_remove(
        &self,
        ctx: &Context<'_>,
        input: CustomerContactRemoveInput,
    ) -> Result<CustomerContactRemovePayload> {
        let change = Remove {
            contact: global_id(&input.customer_contact_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        CustomerContactRemovePayload::of(ctx, applied).await
    }
}

impl Loader<CustomerContactId> for Read {
    type Value = CustomerContact;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[CustomerContactId],
    ) -> std::result::Result<HashMap<CustomerContactId, CustomerContact>, Arc<Failure>> {
        let found = service::read(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|contact| (contact.id, contact)).collect())
    }
}
