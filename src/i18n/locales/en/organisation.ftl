# Organisations, members and invitations.
member-not-found = There is no such member in your organisation. Load the list of members again.
member-not-active = This member is disabled. Invite the person again to make a new member.
role-required = Choose at least { $minimum } role for a member.
too-many-roles = A member can have at most { $maximum } roles. Take some away.
role-conflict = The roles { $role } and { $other } cannot be combined. Choose one of them.
role-not-offered = The role { $role } is not for members of your kind of organisation. Choose another one.
member-not-linked = Nobody signs in as this member, so there is nothing to unlink.
identity-not-found = There is no such identity. Ask the person to sign in and to send you the identity id shown there.
holds-main-account = This member holds the main account of your organisation. It has to be handed over first.
last-administrator = This would leave your organisation without an administrator who can sign in. Make somebody else an administrator first.
own-membership = You cannot disable or unlink yourself. Ask another administrator.
member-has-duties = This member still holds { $count } items ({ $duties }). Hand them over to somebody else first.
