# Who is signed in, and as whom they act. A sentence says what to do.
no-member-never-linked = You are signed in, but no organisation has made you a member yet. Ask an administrator of your organisation to invite your e-mail address, or to link your identity.
no-member-invited = { $organisation } has invited you. Open the link in the invitation mail to become a member; if it is lost, ask its administrator to send it again.
no-member-link-ended = An administrator of { $organisation } ended the link between your identity and your member. If that is a mistake, ask the administrator for a new invitation.
no-member-disabled = Your member at { $organisation } was disabled. If that is a mistake, ask an administrator of { $organisation }.
no-member-organisation-closed = { $organisation } was closed, so nobody can act for it any more. Your vendor contact can tell you more.
no-member-not-chosen = You have memberships, and none of them was chosen in this session. Choose one with sessionActAs, or sign in again.
identity-already-linked = This person is already a member of this organisation. Use that member, or end its link first.
member-already-linked = Somebody else already signs in as this member. End that link first, or choose another member.
session-ended = Your session has ended. Sign in again.
membership-not-found = You have no such membership that can be used now. Choose one of those listed under memberships.
no-session = A service account has no session and no memberships. Use the token of the other organisation instead.
