//! One broken setting per row: the variable after `PORTICO_`, its value, and the key that must be named.

pub(super) const BROKEN: &[(&str, &str, &str)] = &[
    ("SERVER__LISTEN", "8080", "server.listen"),
    ("JOBS__ENABLED", "sometimes", "jobs.enabled"),
    ("JOBS__TICK", "1h", "jobs.tick"),
    (
        "JOBS__IDEMPOTENCY_RETENTION",
        "1h",
        "jobs.idempotency_retention",
    ),
    (
        "SERVER__PUBLIC_URL",
        "portal.example.com",
        "server.public_url",
    ),
    (
        "SERVER__PUBLIC_URL",
        "http://portal.example.com",
        "server.public_url",
    ),
    (
        "SERVER__PUBLIC_URL",
        "https://portal.example.com/portal",
        "server.public_url",
    ),
    (
        "SERVER__PUBLIC_URL",
        "https://me@portal.example.com",
        "server.public_url",
    ),
    ("SERVER__TRUSTED_PROXIES", "", "server.trusted_proxies"),
    (
        "SERVER__TRUSTED_PROXIES",
        "proxy.example.com",
        "server.trusted_proxies",
    ),
    (
        "SERVER__TRUSTED_PROXIES",
        "0.0.0.0/0",
        "server.trusted_proxies",
    ),
    ("SERVER__ALLOWED_ORIGINS", "*", "server.allowed_origins"),
    (
        "SERVER__ALLOWED_ORIGINS",
        "http://app.example.com",
        "server.allowed_origins",
    ),
    (
        "SERVER__ALLOWED_ORIGINS",
        "https://app.example.com/",
        "server.allowed_origins",
    ),
    ("SERVER__CONNECTION_CAP", "0", "server.connection_cap"),
    ("SERVER__HEADER_TIMEOUT", "10", "server.header_timeout"),
    ("SERVER__DRAIN_DELAY", "soon", "server.drain_delay"),
    (
        "SERVER__PUBIC_URL",
        "https://portal.example.com",
        "server.pubic_url",
    ),
    (
        "DATABASE__MAX_CONNECTIONS",
        "-1",
        "database.max_connections",
    ),
    (
        "DATABASE__STATEMENT_TIMEOUT",
        "0s",
        "database.statement_timeout",
    ),
    ("DATABASE__URL_FILE", "SITE/nowhere", "database.url_file"),
    (
        "DATABASE__STAFF_URL_FILE",
        "SITE/database.url",
        "database.staff_url",
    ),
    ("REDIS__URL", "http://cache", "redis.url"),
    ("REDIS__TIMEOUT", "1 s", "redis.timeout"),
    (
        "SAML__CERTIFICATE_FILE",
        "SITE/saml.key",
        "saml.certificate_file",
    ),
    ("SAML__KEY_FILE", "SITE/dev.key", "saml.key_file"),
    ("SAML__KEY_FILE", "SITE/saml.pem", "saml.key_file"),
    ("SAML__CLOCK_SKEW", "11m", "saml.clock_skew"),
    ("SESSION__IDLE", "13h", "session.idle"),
    ("SESSION__ABSOLUTE", "8d", "session.absolute"),
    (
        "SESSION__COOKIE_KEY_FILE",
        "SITE/short.key",
        "session.cookie_key_file",
    ),
    (
        "SESSION__COOKIE_KEY_FILE",
        "SITE/open.key",
        "session.cookie_key_file",
    ),
    (
        "SESSION__COOKIE_KEY_FILE",
        "SITE/dev-cookie.key",
        "session.cookie_key_file",
    ),
    ("GRAPHQL__DEPTH", "deep", "graphql.depth"),
    (
        "GRAPHQL__INTROSPECTION",
        "everyone",
        "graphql.introspection",
    ),
    (
        "PROGRAMME__TIME_ZONE",
        "Asia/Shanghai",
        "programme.time_zone",
    ),
    ("DOCUMENTS__FOLDER", "documents", "documents.folder"),
    (
        "DOCUMENTS__UNFINISHED_RETENTION",
        "5m",
        "documents.unfinished_retention",
    ),
    ("LOG__FILTER", "info,=", "log.filter"),
    ("LOG__FORMAT", "yaml", "log.format"),
];
