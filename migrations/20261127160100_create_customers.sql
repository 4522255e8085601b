-- Customers of partners: who holds which account of the vendor, how a partner invites, whose partner a customer has, and
-- what a person consented to.

-- The vendor's facts about accounts of people. Global: an account is looked up before any organisation is known. The
-- application reads it through the functions below, by the person who holds it or by one account, and never as a list.
CREATE TABLE vendor_accounts (
    account_id text PRIMARY KEY CHECK (length(account_id) BETWEEN 1 AND 64),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    kind text NOT NULL CHECK (kind IN ('CLOUD', 'PERSONAL')),
    site text NOT NULL CHECK (site IN ('CN', 'INTL')),
    status text NOT NULL CHECK (status IN ('ACTIVE', 'FROZEN', 'CLOSED')),
    country text NOT NULL CHECK (length(country) BETWEEN 1 AND 64),
    -- Who holds it: the entity id of the identity provider, and the subject that it asserts.
    issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 1024),
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 1024),
    email text,
    mobile text,
    -- What the vendor knows of it that stands in the way of an association or of its end (R-CUS-7, R-CUS-9).
    circumstances text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX vendor_accounts_by_holder ON vendor_accounts (issuer, subject);

-- What people are shown and agree to, in both languages, each version with the day from which it holds. A text that was
-- shown is never changed: a new one is a new version.
CREATE TABLE consent_texts (
    kind text NOT NULL CHECK (kind IN ('ASSOCIATION_NOTICE', 'USER_AGREEMENT', 'PRIVACY_STATEMENT', 'ATTRIBUTE_RELEASE')),
    version integer NOT NULL CHECK (version > 0),
    effective_from date NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    text_zh text NOT NULL,
    text_en text NOT NULL,
    -- What the release names; of the other kinds nothing.
    attributes text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (kind, version),
    CHECK ((kind = 'ATTRIBUTE_RELEASE') = (cardinality(attributes) > 0))
);

-- A partner's offer to whoever has the link. Global like the invitations of members: its token is looked up before its
-- organisation is known.
CREATE TABLE customer_invitations (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    association_type text NOT NULL CHECK (association_type IN ('REFERRAL', 'RESALE')),
    label text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    state text NOT NULL CHECK (state IN ('SENT', 'ACCEPTED', 'REVOKED')),
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    invited_by uuid NOT NULL,
    customer_id uuid,
    -- The last attempt that the customer's account did not allow, and why (R-CUS-7).
    refused_at timestamptz,
    refused_because text[] NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, invited_by) REFERENCES members (organisation_id, id),
    CHECK ((state = 'ACCEPTED') = (customer_id IS NOT NULL)),
    CHECK ((refused_at IS NOT NULL) = (cardinality(refused_because) > 0))
);
CREATE INDEX customer_invitations_by_organisation ON customer_invitations (organisation_id, sent_at, id);

-- The relation of a customer (organisation_id) to the partner named in it. An ended one stays as history.
CREATE TABLE customers (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    id uuid NOT NULL,
    number text NOT NULL UNIQUE,
    partner_id uuid NOT NULL REFERENCES organisations (id),
    account_id text NOT NULL,
    account_name text NOT NULL CHECK (length(account_name) BETWEEN 1 AND 64),
    account_kind text NOT NULL CHECK (account_kind IN ('CLOUD', 'PERSONAL')),
    -- As they were released with consent; of a cloud account they are not asked for.
    account_status text CHECK (account_status IN ('ACTIVE', 'FROZEN', 'CLOSED')),
    country text,
    email text,
    mobile text,
    association_type text NOT NULL CHECK (association_type IN ('REFERRAL', 'RESALE')),
    account_manager_id uuid,
    state text NOT NULL CHECK (state IN ('ASSOCIATED', 'DISSOCIATED')),
    invitation_id uuid NOT NULL UNIQUE,
    -- The notice that was shown before.
    notice_version integer NOT NULL,
    associated_at timestamptz NOT NULL,
    dissociated_at timestamptz,
    dissociation_reason text CHECK (length(btrim(dissociation_reason)) BETWEEN 1 AND 500),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (partner_id, id),
    FOREIGN KEY (partner_id, account_manager_id) REFERENCES members (organisation_id, id),
    FOREIGN KEY (partner_id, invitation_id) REFERENCES customer_invitations (organisation_id, id),
    CHECK (organisation_id <> partner_id),
    CHECK ((state = 'DISSOCIATED') = (dissociated_at IS NOT NULL)),
    CHECK ((state = 'DISSOCIATED') = (dissociation_reason IS NOT NULL)),
    CHECK (account_kind = 'PERSONAL' OR (email IS NULL AND mobile IS NULL AND country IS NULL AND account_status IS NULL))
);
-- A customer has at most one partner at a time (R-CUS-4), and an account is one customer for ever.
CREATE UNIQUE INDEX customers_one_partner ON customers (account_id) WHERE state = 'ASSOCIATED';
CREATE UNIQUE INDEX customers_one_relation ON customers (organisation_id) WHERE state = 'ASSOCIATED';
CREATE INDEX customers_by_account ON customers (account_id, associated_at);
CREATE INDEX customers_by_partner ON customers (partner_id, associated_at, id);
CREATE INDEX customers_by_account_manager ON customers (account_manager_id);
CREATE INDEX customers_without_manager ON customers (partner_id, associated_at, id)
    WHERE account_manager_id IS NULL AND state = 'ASSOCIATED';

-- What a person agreed to before the association; written once (R-CUS-3).
CREATE TABLE customer_consents (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    identity_id uuid NOT NULL REFERENCES federated_identities (id),
    user_agreement_version integer NOT NULL,
    privacy_statement_version integer NOT NULL,
    release_version integer NOT NULL,
    attributes text[] NOT NULL CHECK (cardinality(attributes) > 0),
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    given_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (id),
    UNIQUE (organisation_id, customer_id),
    FOREIGN KEY (organisation_id, customer_id) REFERENCES customers (organisation_id, id)
);

ALTER TABLE customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_consents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON customers TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON customer_consents TO portico_owner USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON customers TO portico_staff USING (true) WITH CHECK (true);
CREATE POLICY staff_all ON customer_consents TO portico_staff USING (true) WITH CHECK (true);

-- Both parties see the relation; the customer begins it, the partner changes it.
CREATE POLICY party_reads ON customers FOR SELECT TO portico_app
    USING (organisation_id = (SELECT portico_organisation()) OR partner_id = (SELECT portico_organisation()));
CREATE POLICY own_inserts ON customers FOR INSERT TO portico_app
    WITH CHECK (organisation_id = (SELECT portico_organisation()));
CREATE POLICY partner_updates ON customers FOR UPDATE TO portico_app
    USING (partner_id = (SELECT portico_organisation())) WITH CHECK (partner_id = (SELECT portico_organisation()));
CREATE POLICY party_reads ON customer_consents FOR SELECT TO portico_app
    USING (
        organisation_id = (SELECT portico_organisation())
        OR EXISTS (
            SELECT FROM customers
            WHERE customers.id = customer_consents.customer_id AND customers.partner_id = (SELECT portico_organisation())
        )
    );
CREATE POLICY own_inserts ON customer_consents FOR INSERT TO portico_app
    WITH CHECK (organisation_id = (SELECT portico_organisation()));

-- The parties see each other's organisation, and a customer the one person who looks after it.
CREATE POLICY customer_party_reads ON organisations FOR SELECT TO portico_app
    USING (EXISTS (
        SELECT FROM customers
        WHERE (customers.organisation_id = organisations.id AND customers.partner_id = (SELECT portico_organisation()))
           OR (customers.partner_id = organisations.id AND customers.organisation_id = (SELECT portico_organisation()))
    ));
CREATE POLICY customer_inserts ON organisations FOR INSERT TO portico_app
    WITH CHECK (id = (SELECT portico_organisation()) AND kind = 'CUSTOMER');
CREATE POLICY customer_account_manager_reads ON members FOR SELECT TO portico_app
    USING (EXISTS (
        SELECT FROM customers
        WHERE customers.account_manager_id = members.id AND customers.organisation_id = (SELECT portico_organisation())
          AND customers.state = 'ASSOCIATED'
    ));

-- The partner's acts on a relation are the relation's history, and the customer's acceptance is the invitation's.
CREATE POLICY customer_inserts ON timeline_entries FOR INSERT TO portico_app
    WITH CHECK (
        EXISTS (
            SELECT FROM customers
            WHERE customers.id = timeline_entries.object_id AND customers.organisation_id = timeline_entries.organisation_id
              AND customers.partner_id = (SELECT portico_organisation())
        )
        OR EXISTS (
            SELECT FROM customers
            WHERE customers.invitation_id = timeline_entries.object_id AND customers.partner_id = timeline_entries.organisation_id
              AND customers.organisation_id = (SELECT portico_organisation())
        )
    );
CREATE POLICY customer_party_reads ON timeline_entries FOR SELECT TO portico_app
    USING (object_kind = 'cus' AND EXISTS (
        SELECT FROM customers
        WHERE customers.id = timeline_entries.object_id AND customers.partner_id = (SELECT portico_organisation())
    ));

GRANT SELECT, INSERT, UPDATE ON vendor_accounts TO portico_staff;
GRANT SELECT ON consent_texts TO portico_app, portico_staff;
GRANT SELECT, INSERT, UPDATE ON customer_invitations TO portico_app, portico_staff;
GRANT SELECT, INSERT, UPDATE ON customers TO portico_app, portico_staff;
-- Append-only by privilege.
GRANT SELECT, INSERT ON customer_consents TO portico_app, portico_staff;
GRANT INSERT ON organisations TO portico_app;

-- The accounts that a person holds, with whose customer each is now, and the organisation that it is for ever.
CREATE FUNCTION portico_accounts_of(identity uuid)
    RETURNS TABLE (
        account_id text, name text, kind text, site text, status text, country text, email text, mobile text,
        circumstances text[], customer_organisation uuid, partner uuid
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT held.account_id, held.name, held.kind, held.site, held.status, held.country, held.email, held.mobile,
            held.circumstances,
            (SELECT organisation_id FROM customers WHERE customers.account_id = held.account_id LIMIT 1),
            (SELECT partner_id FROM customers WHERE customers.account_id = held.account_id AND state = 'ASSOCIATED')
        FROM federated_identities
        JOIN identity_providers ON identity_providers.id = federated_identities.idp_id
        JOIN vendor_accounts held ON held.issuer = identity_providers.entity_id AND held.subject = federated_identities.subject
        WHERE federated_identities.id = identity
    $$;
-- Two associations of one account take turns, and its facts stay as they are until the transaction ends.
CREATE FUNCTION portico_hold_account(account text) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT FROM vendor_accounts WHERE account_id = account FOR UPDATE $$;
-- What stands in the way of the end of a relation, for whoever sees the relation.
CREATE FUNCTION portico_account_circumstances(account text)
    RETURNS TABLE (status text, circumstances text[], dissociated_at timestamptz[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT vendor_accounts.status, vendor_accounts.circumstances,
            ARRAY(SELECT customers.dissociated_at FROM customers
                  WHERE customers.account_id = account AND state = 'DISSOCIATED' ORDER BY 1 DESC)
        FROM (SELECT) AS always LEFT JOIN vendor_accounts ON vendor_accounts.account_id = account
    $$;
-- Who invites, for whoever has the link.
CREATE FUNCTION portico_inviter(organisation uuid)
    RETURNS TABLE (name text, state text, site text, business_area text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT name, state, site, business_area FROM organisations WHERE id = organisation AND kind = 'PARTNER' $$;
REVOKE ALL ON FUNCTION portico_accounts_of(uuid), portico_hold_account(text), portico_account_circumstances(text),
    portico_inviter(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portico_accounts_of(uuid), portico_hold_account(text), portico_account_circumstances(text),
    portico_inviter(uuid) TO portico_app, portico_staff;

UPDATE roles SET permissions = permissions || '{customer.read}'
    WHERE code IN ('SYSTEM_ADMIN', 'ACCOUNT_MANAGER', 'ACCOUNT_MANAGER_DIRECTOR', 'OPERATOR', 'VENDOR_ADMIN', 'VENDOR_REVIEWER',
        'VENDOR_BD', 'VENDOR_ECOSYSTEM_MANAGER', 'VENDOR_AUDITOR');
UPDATE roles SET permissions = permissions || '{customer.invite}'
    WHERE code IN ('SYSTEM_ADMIN', 'ACCOUNT_MANAGER', 'ACCOUNT_MANAGER_DIRECTOR', 'OPERATOR');
UPDATE roles SET permissions = permissions || '{customer.assign}' WHERE code IN ('SYSTEM_ADMIN', 'ACCOUNT_MANAGER_DIRECTOR');
-- The administrator's alone (R-CUS-8).
UPDATE roles SET permissions = permissions || '{customer.dissociate}' WHERE code = 'SYSTEM_ADMIN';

INSERT INTO rules (id, name, site, programme, effective_from, value, source) VALUES
    ('018c0000-0000-7000-8000-000000001601', 'customer.invitation', 'CN', 'PORTAL', '2020-01-01', '{"valid_days": 7}', 'section 6.1'),
    ('018c0000-0000-7000-8000-000000001602', 'customer.invitation', 'INTL', 'PORTAL', '2020-01-01', '{"valid_days": 7}', 'section 6.1'),
    ('018c0000-0000-7000-8000-000000001603', 'customer.dissociation', 'CN', 'PORTAL', '2020-01-01', '{"maximum": 1, "within_months": 3}', 'R-CUS-8'),
    ('018c0000-0000-7000-8000-000000001604', 'customer.dissociation', 'INTL', 'PORTAL', '2020-01-01', '{"maximum": 1, "within_months": 3}', 'R-CUS-8');

INSERT INTO consent_texts (kind, version, effective_from, title_zh, title_en, text_zh, text_en, attributes) VALUES
    ('ASSOCIATION_NOTICE', 1, '2020-01-01', '客户与伙伴关联须知', 'Customer association with a partner',
     '关联后，该伙伴将成为您的服务伙伴：可以看到您与其关联的账号，并可为您指派客户经理。一个客户同一时间只能关联一个伙伴；解除关联由该伙伴的管理员办理，办理后会通知您。若为代售，云服务由该伙伴向您结算和开票；若为顾问销售，您仍直接向云厂商付款。',
     'After the association this partner serves you: it sees the account that you associate and can name an account manager for you. A customer has one partner at a time; the partner''s administrator can end the association, and you are told when that happens. In the resale model the partner bills and invoices you; in the referral model you keep paying the cloud vendor directly.',
     '{}'),
    ('USER_AGREEMENT', 1, '2020-01-01', '用户协议', 'User agreement',
     '本协议约定您使用伙伴门户查看和管理与伙伴关联关系的方式。请仅为您本人或您有权代表的账号办理关联。关联不改变您与云厂商已签订的服务协议。',
     'This agreement covers your use of the partner portal to see and manage your association with a partner. Associate only an account that is yours or that you may act for. The association does not change the service agreement that you have with the cloud vendor.',
     '{}'),
    ('PRIVACY_STATEMENT', 1, '2020-01-01', '隐私声明', 'Privacy statement',
     '门户仅为建立和维护您与伙伴的关联关系处理您同意提供的属性。手机号和电子邮箱对伙伴默认隐藏，每次查看都会记录查看人和目的。您的同意会连同文本版本和时间一并保存。',
     'The portal uses the attributes that you release only to set up and keep your association with the partner. Mobile number and e-mail address are masked for the partner, and each reading in full is recorded with who read it and what for. Your consent is kept with the versions of the texts and the time.',
     '{}'),
    ('ATTRIBUTE_RELEASE', 1, '2020-01-01', '属性授权', 'Release of attributes',
     '我已阅读并同意《用户协议》和《隐私声明》，并同意个人账号服务向本门户及邀请我的伙伴提供我账号的以下六项属性：账号名、手机号、电子邮箱、注册国家或地区、账号标识、账号状态。',
     'I have read and agree to the User Agreement and the Privacy Statement, and I agree that the personal account service releases these six attributes of my account to this portal and to the inviting partner: account name, mobile number, e-mail address, country or region of registration, account identifier and account status.',
     '{ACCOUNT_NAME,MOBILE,EMAIL,COUNTRY,ACCOUNT_ID,ACCOUNT_STATUS}');
