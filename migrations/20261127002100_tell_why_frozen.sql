-- A frozen organisation is told why and what releases it (R-GEN-9); the vendor's people freeze and release it.

ALTER TABLE organisations
    ADD COLUMN frozen_reason text CHECK (length(btrim(frozen_reason)) BETWEEN 1 AND 500),
    ADD COLUMN frozen_release text CHECK (length(btrim(frozen_release)) BETWEEN 1 AND 500);
UPDATE organisations SET frozen_reason = 'Not recorded.', frozen_release = 'To be agreed with the vendor.' WHERE state = 'FROZEN';
ALTER TABLE organisations ADD CONSTRAINT organisations_frozen
    CHECK ((state = 'FROZEN') = (frozen_reason IS NOT NULL) AND (state = 'FROZEN') = (frozen_release IS NOT NULL));

UPDATE roles SET permissions = permissions || '{organisation.manage}' WHERE code IN ('VENDOR_ADMIN', 'VENDOR_ECOSYSTEM_MANAGER');

-- What a frozen organisation may still do, by the names of the mutations; reading and signing in are no mutations of an
-- organisation and always go on.
INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-0000000000e1', 'organisation.frozen', 'CN', 'PORTAL', '2020-01-01', '{"allowed": ["documentPrepare", "documentComplete"]}', 'R-GEN-9'),
    ('018c0000-0000-7000-8000-0000000000e2', 'organisation.frozen', 'INTL', 'PORTAL', '2020-01-01', '{"allowed": ["documentPrepare", "documentComplete"]}', 'R-GEN-9');
