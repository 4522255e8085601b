# What the HTTP edge says of a whole request.
sign-in-required = You are not signed in, or your session has ended. Sign in and send the request again.
session-unknown = It cannot be checked at the moment who you are. You stay signed in; please try again in a moment.
request-timeout = This took too long and was stopped. If it was a change, send it again under the same idempotency key: it is never done twice.
request-failed = Something went wrong on our side. If this was a change, send it again under the same idempotency key: it is never done twice. Give support the correlation id of this answer if it happens again.
rate-limited = Your organisation has used up its requests for this minute. Wait as long as the answer says and try again.
