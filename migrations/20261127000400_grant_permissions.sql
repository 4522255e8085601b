-- Preset roles learn what the shared machinery and the whole life of an opportunity ask for.

UPDATE roles SET permissions = permissions || '{document.write}'
    WHERE code IN ('SYSTEM_ADMIN', 'FINANCE', 'ACCOUNT_MANAGER', 'SA_SPECIALIST', 'OPERATOR', 'VENDOR_ADMIN',
        'VENDOR_REVIEWER', 'VENDOR_BD', 'VENDOR_ECOSYSTEM_MANAGER', 'VENDOR_INCENTIVE_OPERATOR', 'VENDOR_FINANCE');
-- Reading a masked value of a person in full; each reading is recorded (R-GEN-3).
UPDATE roles SET permissions = permissions || '{personal.reveal}'
    WHERE code IN ('SYSTEM_ADMIN', 'VENDOR_ADMIN', 'VENDOR_BD');
-- Numbers of a programme, working days and the vendor's facts about partners and its own catalogue.
UPDATE roles SET permissions = permissions || '{rule.manage,calendar.manage,fact.import}' WHERE code = 'VENDOR_ADMIN';
UPDATE roles SET permissions = permissions || '{fact.import}' WHERE code = 'VENDOR_ECOSYSTEM_MANAGER';
UPDATE roles SET permissions = permissions || '{audit.read}' WHERE code IN ('VENDOR_ADMIN', 'VENDOR_AUDITOR', 'SYSTEM_ADMIN');
-- Validation, sharing and cancelling are the business developer's (R-OPP-12).
UPDATE roles SET permissions = permissions || '{opportunity.validate,opportunity.share,opportunity.cancel}' WHERE code = 'VENDOR_BD';
UPDATE roles SET permissions = permissions || '{opportunity.validate}' WHERE code = 'VENDOR_REVIEWER';
