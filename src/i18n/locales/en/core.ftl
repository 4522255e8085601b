# Refusals that every domain shares. A sentence says what to do.
permission-missing = You need the permission { $permission } for this. Ask an administrator of your organisation for a role that gives it.
not-a-member = You are signed in, but no organisation has made you a member in this session. Ask an administrator for an invitation, or switch to one of your memberships.
organisation-frozen =
    { $cause ->
        [untold] This organisation is frozen, so nobody can join it now. Ask its administrator.
       *[other] Your organisation is frozen, so this cannot be changed now. Cause: { $cause } It is released when: { $release }
    }
organisation-closed = Your organisation is closed; nothing can be started for it any more.
idempotency-key-reused = This idempotency key was already used for another input. Send the new input under a new key.
idempotency-key-in-progress = A request with this idempotency key is still being worked on. Repeat it unchanged in a few seconds.
try-again = Others are changing the same records right now. Send the same request again.
version-conflict = Someone changed this after you opened it (it is now version { $current }). Load it again and repeat your change.
cursor-invalid = This cursor does not belong to this list and sort. Start again from the first page.
page-size-invalid = Ask for 1 to { $maximum } rows, by either first or last.
unavailable = The service cannot do this at the moment. Try again in a moment; repeat a change with the same idempotency key, and it is made once.
timeout = This took too long and was stopped. Ask for less at once; repeat a change with the same idempotency key, and it is made once.
internal = Something went wrong on our side. If it happens again, give support the correlation id of this answer.
too-many-ids = Ask for { $maximum } ids at most in one request.
reveal-fields-required = Name at least one value to read.
reveal-purpose-required = Say what the values are needed for, in 1 to { $maximum } characters. It stands in the history.
