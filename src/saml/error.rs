//! Every reason for which we refuse a message, a request or a piece of metadata.
//!
//! The reader of a refused sign-in learns none of this: one page, one reference. The log has the
//! variant's name, which operators search for and alert on; renaming a variant is a breaking change.

/// Why a SAML message was refused. One variant per cause, so that a test can name its attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SamlRefusal {
    // The text itself, before any parser of ours or of libxml2 sees it.
    #[error("the message is larger than we read")]
    TooLarge,
    #[error("the message is not base64")]
    NotBase64,
    #[error("the message is not UTF-8 or claims another encoding")]
    NotUtf8,
    #[error("the message has a document type declaration")]
    Doctype,
    #[error("the message has a comment")]
    Comment,
    #[error("the message has a CDATA section")]
    Cdata,
    #[error("the message has a processing instruction")]
    ProcessingInstruction,
    #[error("the message is not well-formed XML")]
    Malformed,
    #[error("the message has too many elements")]
    TooManyElements,
    #[error("an element of the message has too many attributes")]
    TooManyAttributes,
    #[error("the message is nested too deeply")]
    TooDeep,
    #[error("a namespace of the message is relative or empty")]
    RelativeNamespace,

    // Where things stand in the document.
    #[error("the document is not a SAML response")]
    NotAResponse,
    #[error("a response stands inside the response")]
    NestedResponse,
    #[error("the response has no assertion")]
    NoAssertion,
    #[error("the response has several assertions")]
    SeveralAssertions,
    #[error("an assertion stands elsewhere than directly below the response")]
    AssertionMisplaced,
    #[error("the response holds encrypted data, which this service does not ask for")]
    EncryptedData,
    #[error("an identifier occurs twice")]
    DuplicateId,
    #[error("an identifier is missing, is not a name, or is spelled in an unusual way")]
    InvalidId,
    #[error("neither the response nor the assertion is signed")]
    Unsigned,
    #[error("a signature stands where none is allowed")]
    SignatureMisplaced,
    #[error("a signature has an unusual structure")]
    SignatureShape,
    #[error("a signature does not refer to the element that carries it")]
    ForeignReference,
    #[error("a signature uses another transform than enveloped and exclusive canonicalisation")]
    ForeignTransform,
    #[error("a signature or digest algorithm is not on the list of allowed ones")]
    AlgorithmNotAllowed,
    #[error("an element is not allowed where it stands")]
    UnexpectedElement,

    // The signature.
    #[error("the identity provider has no certificate to verify with")]
    NoCertificate,
    #[error("no certificate of the identity provider verifies the signature")]
    SignatureInvalid,
    #[error("the verified bytes are not the element that was to be signed")]
    SignedElementDiffers,
    #[error("the signature library panicked")]
    VerifierPanicked,
    #[error("the signature check was cut off because the service is stopping")]
    VerifierStopped,

    // The response.
    #[error("the protocol version is not 2.0")]
    WrongVersion,
    #[error("the issuer is not the identity provider that was asked")]
    WrongIssuer,
    #[error("the destination is not this service, or is missing though signed")]
    WrongDestination,
    #[error("the response does not answer the request that this browser made")]
    WrongInResponseTo,
    #[error("a time is missing or is not a UTC timestamp")]
    InvalidTime,
    #[error("the message was issued in the future")]
    IssuedInFuture,
    #[error("the message was issued too long ago")]
    IssuedTooLongAgo,
    #[error("the response has no status")]
    NoStatus,
    #[error("the identity provider answered with an error status")]
    StatusNotSuccess,

    // The assertion.
    #[error("the assertion has no subject")]
    NoSubject,
    #[error("the assertion has no name identifier")]
    NoNameId,
    #[error("a name identifier, issuer or audience is not plain text of a sensible length")]
    InvalidText,
    #[error("the name identifier is not persistent")]
    SubjectNotPersistent,
    #[error("the name identifier was made for another service")]
    SubjectForAnotherService,
    #[error("the attribute that names the subject is missing, empty or has several values")]
    SubjectAttribute,
    #[error("the assertion cannot be confirmed by its bearer")]
    NoBearerConfirmation,
    #[error("the subject confirmation has no data")]
    NoConfirmationData,
    #[error("the subject confirmation names another recipient")]
    WrongRecipient,
    #[error("the subject confirmation has a start time, which is forbidden")]
    ConfirmationNotBefore,
    #[error("the subject confirmation or the conditions have expired")]
    Expired,
    #[error("the assertion is not yet valid")]
    NotYetValid,
    #[error("the assertion would be valid for longer than we accept")]
    LifetimeTooLong,
    #[error("the assertion has no conditions, or several")]
    NoConditions,
    #[error("the assertion has a condition that we do not know")]
    UnknownCondition,
    #[error("the assertion is not restricted to an audience")]
    NoAudience,
    #[error("the assertion is meant for another audience")]
    WrongAudience,
    #[error("the assertion does not say how the person signed in")]
    NoAuthnStatement,
    #[error("the session at the identity provider is over")]
    SessionOver,

    // The sign-in that it belongs to.
    #[error("this browser has no sign-in under way")]
    NoPendingSignIn,
    #[error("the identity provider that was asked is no longer registered")]
    UnknownIdentityProvider,
    #[error("the sign-in was started too long ago")]
    PendingTooLong,
    #[error("the request, the response or the assertion was used before")]
    Replayed,

    // Requests that our identity provider role reads.
    #[error("a parameter of the query occurs twice")]
    DuplicateParameter,
    #[error("a parameter of the query is missing or cannot be decoded")]
    InvalidParameter,
    #[error("the message does not inflate, or inflates to more than we read")]
    Inflate,
    #[error("the document is not an authentication request")]
    NotARequest,
    #[error("the request comes from a service that is not registered")]
    UnknownService,
    #[error("the answer is wanted at another address or binding than the registered one")]
    WrongAssertionConsumer,
}

/// Why metadata, a key or a setting of a SAML party cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamlSetupError {
    #[error("the metadata is larger than 1 MiB")]
    MetadataTooLarge,
    #[error("the metadata has a document type declaration")]
    MetadataDoctype,
    #[error("the metadata is not well-formed XML: {0}")]
    MetadataMalformed(String),
    #[error("the metadata does not describe exactly one SAML 2.0 identity provider")]
    NotAnIdentityProvider,
    #[error("the metadata has expired")]
    MetadataExpired,
    #[error("the entity id is missing or longer than 1024 characters")]
    EntityId,
    #[error("the identity provider has no signing certificate; without one it cannot be trusted")]
    NoSigningCertificate,
    #[error("a signing certificate cannot be read")]
    CertificateUnreadable,
    #[error("a signing key is too weak: RSA needs 2048 bits, elliptic curves 256")]
    KeyTooWeak,
    #[error("the identity provider has no single sign-on address for HTTP-Redirect")]
    NoRedirectEndpoint,
    #[error("the address {0} is neither https nor http on loopback in development")]
    Address(String),
    #[error(
        "the identity provider offers only transient name identifiers; name a subject attribute"
    )]
    OnlyTransientSubjects,
    #[error("the private key and the certificate do not belong together")]
    KeyMismatch,
    #[error("a key or certificate cannot be read or made: {0}")]
    Key(String),
    #[error("signing failed: {0}")]
    Signing(String),
    #[error("the XML signature library cannot be restricted")]
    Hardening,
}

impl From<openssl::error::ErrorStack> for SamlSetupError {
    fn from(error: openssl::error::ErrorStack) -> Self {
        Self::Key(error.to_string())
    }
}
