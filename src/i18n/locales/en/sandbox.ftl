# Refusals of a sandbox. A sentence says what to do.
sandbox-only = This is possible in a sandbox only. Start one with `portico sandbox`, and send the request there.
sandbox-time-past = In this sandbox it is { $now } already, and its clock never goes back. Choose a later time, or begin a new sandbox.
sandbox-time-too-far = One travel goes { $years } years ahead at most. Choose an earlier time, and travel on from there.
sandbox-travelling = Somebody else is moving the clock of this sandbox. Wait until that has arrived, and ask for the time before you try again.
sandbox-script-is-a-partners = A script is what the vendor answers to one partner. Sign in as a member of a partner to set it.
sandbox-rules-too-many = A script has { $limit } rules at most. Leave some out.
sandbox-answer-mismatch = The vendor cannot answer so on this occasion. Choose APPROVE or REJECT for SUBMISSION, VALIDATE or REJECT_VALIDATION for REVIEW_PASSED, CANCEL for SETTLED, SHARE for SCRIPT_SET, or IGNORE.
sandbox-one-delay = Say after how many working days or after how many minutes the vendor answers: one of the two.
sandbox-delay-range = Choose a number from { $from } to { $to }.
sandbox-reason-required = This answer needs a reason. Write one that the partner may read.
sandbox-deal-required = Say what the vendor shares: a name, the customer, its region and one of your offerings.
sandbox-deal-unused = Only a rule that shares says what. Leave the deal out, or answer SHARE.
sandbox-condition-unused = When the script is set there is no opportunity yet that a condition could be about. Leave it out.
sandbox-text-required = Write something here; the opportunity is shared with it.
sandbox-text-too-long = This text is too long. Write { $limit } characters at most.
