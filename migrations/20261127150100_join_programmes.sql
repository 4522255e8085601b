-- Partners join programmes and paths in the portal: what they agree to, who comes by invitation alone, and what the vendor
-- states of their accounts. Until now a membership was only imported.

ALTER TABLE programme_memberships
    DROP CONSTRAINT programme_memberships_state_check,
    ADD CONSTRAINT programme_memberships_state_check CHECK (state IN
        ('APPLIED', 'UNDER_REVIEW', 'REJECTED', 'WITHDRAWN', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'LEFT')),
    ADD COLUMN tier text CHECK (tier IN ('PREFERRED', 'LEADING', 'CORE')),
    -- Null for what was imported.
    ADD COLUMN applied_at timestamptz,
    ADD COLUMN decided_at timestamptz,
    -- Why it was refused, suspended or ended, for the partner to read.
    ADD COLUMN reason text CHECK (length(btrim(reason)) BETWEEN 1 AND 500);

-- A partner applies, withdraws and leaves; what the vendor decides is decided under its own role.
CREATE POLICY own_inserts ON programme_memberships FOR INSERT TO portico_app
    WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_updates ON programme_memberships FOR UPDATE TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_inserts ON path_memberships FOR INSERT TO portico_app
    WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_updates ON path_memberships FOR UPDATE TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));
GRANT INSERT, UPDATE ON programme_memberships, path_memberships TO portico_app;

-- What the vendor states of an account (R-PRG-1, R-PRG-2, R-PRG-7, R-PRG-16).
CREATE TABLE account_facts (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    real_name text NOT NULL CHECK (real_name IN ('NONE', 'PERSONAL_PENDING', 'PERSONAL', 'ENTERPRISE')),
    -- The unified social credit code of the enterprise: the accounts of one enterprise share it.
    credit_code text CHECK (length(credit_code) BETWEEN 1 AND 64),
    flags text[] NOT NULL DEFAULT '{}' CHECK (flags <@ ARRAY['EMAIL_BOUND', 'RESOURCES', 'ARREARS', 'CONSUMPTION',
        'OTHER_PARTNER', 'SUB_CUSTOMER', 'ENTERPRISE_MEMBER', 'CREDIT_ACCOUNT', 'PRE_REGISTERED', 'SOLUTION_RECORD',
        'ADVANCED_SOLUTION_RECORD', 'TEST_COUPON', 'EXAM_VOUCHER', 'MDF', 'FH', 'DELIVERY_SUPPORT']),
    -- The ecosystem manager of this partner; null: the vendor's default contact.
    manager_name text CHECK (length(manager_name) BETWEEN 1 AND 100),
    manager_contact text CHECK (length(manager_contact) BETWEEN 1 AND 200),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id),
    CHECK ((manager_name IS NULL) = (manager_contact IS NULL))
);
CREATE INDEX account_facts_by_enterprise ON account_facts (credit_code);

-- What one agrees to by joining, in both languages; a version that was signed is never changed (R-PRG-15).
CREATE TABLE agreements (
    code text NOT NULL CHECK (code ~ '^[A-Z_]{2,40}$'),
    version integer NOT NULL CHECK (version > 0),
    effective_from date NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    commitment_zh text NOT NULL,
    commitment_en text NOT NULL,
    body_zh text NOT NULL,
    body_en text NOT NULL,
    PRIMARY KEY (code, version),
    UNIQUE (code, effective_from)
);

-- Who signed which version when, for which membership.
CREATE TABLE agreement_signatures (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    object_kind text NOT NULL CHECK (object_kind IN ('prg', 'pth')),
    object_id uuid NOT NULL,
    agreement text NOT NULL,
    agreement_version integer NOT NULL,
    member_id uuid NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    FOREIGN KEY (agreement, agreement_version) REFERENCES agreements (code, version),
    FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id)
);
CREATE INDEX agreement_signatures_by_object ON agreement_signatures (object_id, signed_at);

-- The vendor invites an organisation to a programme or path that is joined by invitation alone (R-PRG-5).
CREATE TABLE programme_invitations (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    target_kind text NOT NULL CHECK (target_kind IN ('PROGRAMME', 'PATH')),
    target text NOT NULL CHECK (target ~ '^[A-Z_]{2,40}$'),
    state text NOT NULL CHECK (state IN ('SENT', 'ACCEPTED', 'REVOKED')),
    sent_at timestamptz NOT NULL,
    -- The first instant at which it is too late.
    expires_at timestamptz NOT NULL,
    sent_by text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    CHECK (expires_at > sent_at)
);
-- A newer one voids the older.
CREATE UNIQUE INDEX programme_invitations_one_sent ON programme_invitations (organisation_id, target_kind, target)
    WHERE state = 'SENT';
CREATE INDEX programme_invitations_by_sending ON programme_invitations (sent_at, id);

ALTER TABLE account_facts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE agreement_signatures ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE programme_invitations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY owner_all ON account_facts TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON agreement_signatures TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON programme_invitations TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON account_facts TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON agreement_signatures TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON programme_invitations TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY own_reads ON account_facts FOR SELECT TO portico_app USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_reads ON agreement_signatures FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_inserts ON agreement_signatures FOR INSERT TO portico_app
    WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_reads ON programme_invitations FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()));
CREATE POLICY own_updates ON programme_invitations FOR UPDATE TO portico_app
    USING (organisation_id = (SELECT portico_organisation())) WITH CHECK (organisation_id = (SELECT portico_organisation()));

GRANT SELECT ON account_facts, agreements, agreement_signatures, programme_invitations TO portico_app, portico_staff;
GRANT INSERT, UPDATE ON account_facts, programme_invitations TO portico_staff;
-- What was signed stays as it was signed.
GRANT INSERT ON agreement_signatures TO portico_app, portico_staff;
-- Of an invitation its organisation can only say that it took it up.
GRANT UPDATE (state, version) ON programme_invitations TO portico_app;

-- What the other accounts of the same enterprise have joined: row-level security shows a transaction one account. It
-- answers for one account's enterprise only, and tells neither who the others are nor what they are called.
CREATE FUNCTION portico_enterprise_memberships(organisation uuid)
    RETURNS TABLE (kind text, code text, state text, valid_from date, valid_until date, same_area boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH own AS (
            SELECT organisations.business_area, account_facts.credit_code
            FROM account_facts JOIN organisations ON organisations.id = account_facts.organisation_id
            WHERE account_facts.organisation_id = organisation AND credit_code IS NOT NULL
        ), others AS (
            SELECT organisations.id, organisations.business_area = own.business_area AS same_area
            FROM own JOIN account_facts USING (credit_code)
                JOIN organisations ON organisations.id = account_facts.organisation_id
            WHERE organisations.id <> organisation AND organisations.state <> 'CLOSED'
        )
        SELECT 'PROGRAMME', programme, programme_memberships.state, valid_from, valid_until, same_area
        FROM others JOIN programme_memberships ON programme_memberships.organisation_id = others.id
        UNION ALL
        SELECT 'PATH', path, path_memberships.state, NULL, NULL, same_area
        FROM others JOIN path_memberships ON path_memberships.organisation_id = others.id
    $$;
REVOKE ALL ON FUNCTION portico_enterprise_memberships(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_enterprise_memberships(uuid) TO portico_app, portico_staff;

UPDATE roles SET permissions = permissions || '{programme.manage}' WHERE code = 'SYSTEM_ADMIN';
UPDATE roles SET permissions = permissions || '{programme.review}'
    WHERE code IN ('VENDOR_ADMIN', 'VENDOR_REVIEWER', 'VENDOR_ECOSYSTEM_MANAGER');

-- Whoever worked in the portal before was a member of the partner network, or could not have joined anything.
INSERT INTO programme_memberships (organisation_id, id, programme, state, valid_from)
SELECT DISTINCT ON (organisation_id) organisation_id,
    (substr(md5(organisation_id::text || 'network'), 1, 12) || '7' || substr(md5(organisation_id::text || 'network'), 14, 3)
        || '8' || substr(md5(organisation_id::text || 'network'), 18, 15))::uuid,
    'NETWORK', 'ACTIVE', valid_from
FROM programme_memberships WHERE state = 'ACTIVE' ORDER BY organisation_id, valid_from
ON CONFLICT DO NOTHING;

INSERT INTO agreements (code, version, effective_from, title_zh, title_en, commitment_zh, commitment_en, body_zh, body_en) VALUES
    ('NETWORK', 1, '2020-01-01', '合作伙伴网络加入协议', 'Partner network agreement',
     '我有权代表本企业加入合作伙伴网络。', 'I may act for my enterprise in joining the partner network.',
     '一、伙伴如实提供企业信息并及时更新。二、双方对合作中知悉的信息保密。三、任何一方可以书面通知退出。',
     '1. The partner states its company data truthfully and keeps them current. 2. Both sides keep confidential what they learn of each other. 3. Either side may leave by written notice.'),
    ('CO_SELL', 1, '2020-01-01', '共拓计划协议', 'Co-sell programme agreement',
     '我承诺提供的机会点真实，并已征得客户同意。', 'I promise that the opportunities are real and that customers agreed to share them.',
     '一、机会点由双方共享并各自保密。二、伙伴及时更新进展。三、激励按当期规则发放。',
     '1. Opportunities are shared by both sides and kept confidential by each. 2. The partner reports progress in time. 3. Incentives are paid by the rules of the period.'),
    ('CSP', 1, '2020-01-01', '解决方案提供商计划协议', 'Solution provider programme agreement',
     '我知悉自申请起本账号不能再购买云服务。', 'I know that this account cannot buy cloud services from the application on.',
     '一、伙伴向自己的客户转售云服务，并提供一线支持。二、本账号自申请起不再作为客户购买云服务。三、资格每年审视。',
     '1. The partner resells cloud services to its own customers and supports them first. 2. From the application on this account buys nothing as a customer. 3. The membership is reviewed every year.'),
    ('DISTRIBUTOR', 1, '2020-01-01', '总经销商计划协议', 'Distributor programme agreement',
     '我承诺按协议发展、支持和管理经销商。', 'I promise to develop, support and manage resellers as agreed.',
     '一、总经销商发展和管理云经销商。二、总经销商为其经销商的货款负责。三、资格每年审视。',
     '1. A distributor develops and manages resellers. 2. It answers for what its resellers owe. 3. The membership is reviewed every year.'),
    ('RESELLER', 1, '2020-01-01', '云经销商计划协议', 'Reseller programme agreement',
     '我承诺只通过一家总经销商进货。', 'I promise to buy through one distributor only.',
     '一、经销商同一时间只关联一家总经销商。二、双方业务开展地区相同。三、经销商向最终客户销售并提供支持。',
     '1. A reseller has one distributor at a time. 2. Both do business in the same area. 3. The reseller sells to end customers and supports them.'),
    ('MARKETPLACE', 1, '2020-01-01', '云商店商家协议', 'Marketplace seller agreement',
     '我承诺上架的商品合法且由本企业维护。', 'I promise that what we list is lawful and kept up by us.',
     '一、商家对商品负责。二、交易按云商店规则结算。', '1. The seller answers for its products. 2. Sales are settled by the rules of the marketplace.'),
    ('SPECIAL', 1, '2020-01-01', '专项计划协议', 'Special programme agreement',
     '我承诺按专项计划的要求投入人员。', 'I promise the people that the programme asks for.',
     '一、伙伴按计划投入人员和时间。二、成果按计划验收。', '1. The partner puts in people and time as planned. 2. Results are accepted as planned.'),
    ('PATH', 1, '2020-01-01', '伙伴发展路径协议', 'Development path agreement',
     '我知悉角色认证后不能退出该路径。', 'I know that a path cannot be left once the role is validated.',
     '一、伙伴选择路径后按阶段接受认证。二、认证材料真实有效。三、角色认证前可以退出。',
     '1. On a path the partner is validated stage by stage. 2. What it hands in is true. 3. It may leave until its role is validated.');

INSERT INTO rules (id, name, site, programme, effective_from, value, source)
SELECT ('018c0000-0000-7000-8000-0000000015' || suffix)::uuid, name, site, 'PORTAL', '2020-01-01', value::jsonb, source
FROM (VALUES
    ('programme.catalogue', '1', '{
        "programmes": {
            "NETWORK": {"agreement": "NETWORK", "terms": ["WITHOUT_NETWORK"]},
            "CO_SELL": {"agreement": "CO_SELL"},
            "CSP": {"agreement": "CSP", "valid_months": 12, "excluded_programmes": ["DISTRIBUTOR"],
                "terms": ["REVIEWED", "ENTERPRISE_REAL_NAME", "EMAIL_BOUND", "ONE_PER_AREA", "NO_PATH", "NO_PERSONAL_REAL_NAME"],
                "forbidden": ["RESOURCES", "ARREARS", "CONSUMPTION", "OTHER_PARTNER", "ENTERPRISE_MEMBER", "PRE_REGISTERED"]},
            "DISTRIBUTOR": {"agreement": "DISTRIBUTOR", "valid_months": 12, "excluded_programmes": ["CSP", "RESELLER"],
                "terms": ["BY_INVITATION", "REVIEWED", "ENTERPRISE_REAL_NAME", "NO_PERSONAL_REAL_NAME"],
                "forbidden": ["RESOURCES", "ARREARS", "CONSUMPTION", "SUB_CUSTOMER", "ENTERPRISE_MEMBER", "CREDIT_ACCOUNT", "PRE_REGISTERED"]},
            "RESELLER": {"agreement": "RESELLER", "excluded_programmes": ["CSP", "DISTRIBUTOR"],
                "terms": ["REVIEWED", "ENTERPRISE_REAL_NAME"]},
            "MARKETPLACE_SELLER": {"agreement": "MARKETPLACE", "terms": ["REVIEWED"]},
            "CCOE": {"agreement": "SPECIAL", "terms": ["BY_INVITATION"], "required_path": "SERVICE"},
            "COMPETENCY_IMPROVEMENT": {"agreement": "SPECIAL", "required_path": "SERVICE"}
        },
        "paths": {
            "SOFTWARE": {"agreement": "PATH"},
            "SERVICE": {"agreement": "PATH", "terms": ["ONE_PER_ENTERPRISE"]},
            "SYSTEM_INTEGRATOR": {"agreement": "PATH", "terms": ["BY_INVITATION"]},
            "LEARNING": {"agreement": "PATH", "terms": ["BY_INVITATION"]},
            "DISTRIBUTOR": {"agreement": "PATH", "terms": ["BY_INVITATION"]}
        }
    }', 'domain.md 3'),
    ('programme.invitation', '2', '{"valid_days": 30}', 'R-PRG-5'),
    ('vendor.contact', '3', '{"name_zh": "伙伴服务台", "name_en": "Partner desk", "contact": "partners@vendor.example"}', 'R-PRG-16')
) AS named (name, number, value, source)
CROSS JOIN (VALUES ('CN', 'a'), ('INTL', 'b')) AS sites (site, letter)
CROSS JOIN LATERAL (SELECT number || letter AS suffix) AS suffixes;
