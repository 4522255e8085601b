# Refusals about resellers. A sentence says what to do.
reseller-not-found = Your organisation is not the distributor of a reseller with this id. Check the id in your list of resellers.
reseller-ended = This relation has ended and can only be read. Choose a reseller that you still supply.
account-manager-unknown = None of your organisation's members has this id. Choose one of your own members.
account-manager-disabled = This member is disabled. Enable the member first, or choose another account manager.
account-manager-role-missing = This member does not have the Account Manager role. Give the member that role first, or choose another one.
account-manager-already-assigned = This member is the reseller's account manager already; nothing needs to be changed.
account-manager-not-assigned = The reseller has no account manager, so there is nobody to withdraw.
