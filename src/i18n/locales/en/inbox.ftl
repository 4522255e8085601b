# What the inbox asks people to do.
inbox-answer-shared-opportunity = Answer the opportunity { $number } ({ $name }) that the vendor shared with you.
inbox-confirm-incentive = Confirm the incentive { $number } for { $name }.
inbox-mend-opportunity = Mend the refused opportunity { $number } ({ $name }) and submit it again.
inbox-update-stalled-opportunity = Report progress of the opportunity { $number } ({ $name }), which stands still.
inbox-assign-account-manager = Name an account manager for the reseller { $name } ({ $number }).
inbox-renew-invitation = The invitation of { $name } ({ $number }) is about to expire; send it again or ask for an answer.
inbox-review-opportunity = Review the opportunity { $number } ({ $name }).
inbox-validate-opportunity = Validate the opportunity { $number } ({ $name }) with the customer.
inbox-review-dedicated-person = Decide what the partner asked for { $name } ({ $number }).
inbox-mend-dedicated-application = The vendor refused to make { $name } a dedicated person ({ $number }). Read why, and apply again.
inbox-renew-dedicated-invitation = The invitation of { $name } to be associated with your organisation is about to expire; send it again or ask for an answer.
inbox-review-programme-application = Decide on the application of { $name } for the programme { $number }.
inbox-assign-customer-account-manager = Name an account manager for customer { $name } ({ $number }).
inbox-accept-main-account = The main account of { $name } ({ $number }) is offered to a member, who accepts it or lets the offer expire.
