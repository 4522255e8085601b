# Notices: the sentences of the portal, the subjects of mail, and why something about notices was refused.
notice-not-found = You have no such notice. Check the id, or load the list again.

notice-opportunity-resubmitted = The partner revised opportunity { $number } and handed it in again for your review (round { $round }).
notice-opportunity-resubmitted-subject = Opportunity { $number } was handed in again for your review
notice-opportunity-review-approved = Opportunity { $number } passed the vendor's review and waits for validation.
notice-opportunity-review-approved-subject = Opportunity { $number } passed the review
notice-opportunity-review-rejected = The vendor's review refused opportunity { $number }. Read the reason, revise it and submit it again.
notice-opportunity-review-rejected-subject = Opportunity { $number } was refused in review
notice-opportunity-validated = The vendor validated opportunity { $number }: you can go ahead with it.
notice-opportunity-validated-subject = Opportunity { $number } is validated
notice-opportunity-validation-rejected = The vendor did not validate opportunity { $number }. Read the reason, revise it and submit it again.
notice-opportunity-validation-rejected-subject = Opportunity { $number } was refused in validation
notice-opportunity-validation-timed-out = The vendor did not validate opportunity { $number } in time, so this round is over. You can submit it again.
notice-opportunity-validation-timed-out-subject = Validation of opportunity { $number } timed out
notice-opportunity-shared = The vendor shared opportunity { $number } with your organisation. Accept or refuse it in time, else it is refused by itself.
notice-opportunity-shared-subject = The vendor shared opportunity { $number } with you
notice-opportunity-accepted = The partner accepted opportunity { $number }, which you shared.
notice-opportunity-accepted-subject = Opportunity { $number } was accepted
notice-opportunity-rejected = The partner refused opportunity { $number }, which you shared. Read the reason.
notice-opportunity-rejected-subject = Opportunity { $number } was refused
notice-opportunity-auto-rejected = Nobody accepted opportunity { $number } in time, so it was refused by itself.
notice-opportunity-auto-rejected-subject = Opportunity { $number } was refused by itself
notice-opportunity-cancelled-by-vendor = The vendor cancelled opportunity { $number }. Read the reason.
notice-opportunity-cancelled-by-vendor-subject = The vendor cancelled opportunity { $number }
notice-opportunity-progressed = There is progress on opportunity { $number }.
notice-opportunity-progressed-subject = Progress on opportunity { $number }
notice-opportunity-owner-assigned = You answer for opportunity { $number } from now on.
notice-opportunity-owner-assigned-subject = Opportunity { $number } is yours
notice-opportunity-offering-changed = The offering of opportunity { $number } was changed.
notice-opportunity-offering-changed-subject = The offering of opportunity { $number } was changed
notice-opportunity-reviewer-assigned = You review opportunity { $number } from now on.
notice-opportunity-reviewer-assigned-subject = Opportunity { $number } is yours to review
notice-deadline-near = Act on opportunity { $number } by the end of { $lastDay }; after that it is decided by itself.
notice-deadline-near-subject = Opportunity { $number } is due on { $lastDay }
notice-deadline-moved = The calendar of working days was corrected: opportunity { $number } has time until the end of { $lastDay }.
notice-deadline-moved-subject = Opportunity { $number } has time until { $lastDay }

notice-letter-reason = Reason:
notice-letter-open = Open it in the portal
notice-letter-footer = You receive this because it concerns your work in the partner portal. In the notice settings of the portal you can change the language or stop such mail. Please do not reply.

notice-customer-associated = Customer { $number } accepted an invitation and is associated with your organisation.
notice-customer-associated-subject = Customer { $number } is associated
notice-customer-dissociated = The relation of customer { $number } and its partner has ended. Read the reason.
notice-customer-dissociated-subject = The relation of customer { $number } has ended
notice-customer-account-manager-assigned = You look after customer { $number } from now on.
notice-customer-account-manager-assigned-subject = Customer { $number } is yours to look after
