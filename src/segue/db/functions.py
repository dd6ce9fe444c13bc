"""Functions in the database: what may be asked across workspaces, and the two hot steps of the hand-off.

The hand-off's functions run as the caller, so row-level security holds inside them. They are VOLATILE PL/pgSQL: under READ COMMITTED each
of their statements takes a snapshot of its own, so what is read after the locks is read after the wait for them (H2). One call instead of
five statements takes most of the client's time out of a hand-off.
"""

ACROSS_WORKSPACES = (
    """CREATE OR REPLACE FUNCTION segue_workspaces() RETURNS TABLE (workspace_id bigint)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
       AS $$ SELECT workspace_id FROM workspaces ORDER BY workspace_id $$""",
    """CREATE OR REPLACE FUNCTION segue_instances() RETURNS TABLE (workspace_id bigint, instance_id text)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
       AS $$ SELECT workspace_id, instance_id FROM workspaces ORDER BY workspace_id $$""",
    """CREATE OR REPLACE FUNCTION segue_ready_workspaces(at timestamptz, most integer)
       RETURNS TABLE (workspace_id bigint, ready_at timestamptz)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
       AS $$ SELECT w.workspace_id, LEAST(l.ready_at, o.due_at, p.resume_at) AS next_at FROM workspaces w
             CROSS JOIN LATERAL (SELECT min(ready_at) AS ready_at FROM mailbox_lanes
                                 WHERE mailbox_lanes.workspace_id = w.workspace_id AND NOT paused AND NOT broken) l
             CROSS JOIN LATERAL (SELECT min(due_at) AS due_at FROM enrollments
                                 WHERE enrollments.workspace_id = w.workspace_id AND due_at IS NOT NULL AND priority = 3) o
             CROSS JOIN LATERAL (SELECT min(resume_at) AS resume_at FROM enrollments
                                 WHERE enrollments.workspace_id = w.workspace_id AND state = 'paused' AND resume_at IS NOT NULL) p
             WHERE LEAST(l.ready_at, o.due_at, p.resume_at) <= at ORDER BY next_at LIMIT most $$""",
    """CREATE OR REPLACE FUNCTION segue_find_links(digests bytea[])
       RETURNS TABLE (digest bytea, workspace_id bigint, kind text, message_id bigint, url text, "position" smallint)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
       AS $$ SELECT l.digest, l.workspace_id, l.kind, l.message_id, l.url, l."position" FROM message_links l
             WHERE l.digest = ANY(digests) $$""",
    """CREATE OR REPLACE FUNCTION segue_find_token(wanted bytea) RETURNS TABLE (kind text, workspace_id bigint, id bigint)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
       AS $$ SELECT 'api_key', k.workspace_id, k.id FROM api_keys k WHERE k.digest = wanted
             UNION ALL SELECT 'session', s.workspace_id, s.id FROM user_sessions s WHERE s.digest = wanted
             UNION ALL SELECT t.purpose, t.workspace_id, t.id FROM sign_in_tokens t WHERE t.digest = wanted $$""",
    """CREATE OR REPLACE FUNCTION segue_find_users(address text) RETURNS TABLE (workspace_id bigint, user_id bigint)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
       AS $$ SELECT u.workspace_id, u.id FROM users u WHERE u.email = address AND u.active AND u.deleted_at IS NULL
             ORDER BY u.workspace_id $$""",
)

# What is kept of an erased address (S27): enough to know it again, and nothing to read it from without the workspace's secret.
ADDRESS_HASH = """
    CREATE OR REPLACE FUNCTION segue_address_hash(secret bytea, address text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT encode(sha256(secret || sha256(secret || convert_to('erased:' || address, 'UTF8'))), 'hex') $$"""

# The latest instant at which a mail can have been accepted: until then it counts against the limits of 24 hours (SEQ-86, S6). What is in
# doubt may be accepted for T_settle more; what evidence proved later was dated so (features/mail/outbox.py).
COUNTS_AT = "GREATEST(h.handed_at, COALESCE(h.accepted_at, h.handed_at + interval '11 minutes'))"
# Rows of before the last 24 hours by when they were handed over, and not by when they count: what the index can be asked for.
MAY_COUNT = "h.handed_at > at - interval '24 hours 11 minutes'"

GATE = f"""
    CREATE OR REPLACE FUNCTION segue_gate(ws bigint, own bigint[], shared bigint[], enrollment bigint, message bigint, box bigint,
        addressee text, at timestamptz)
    RETURNS TABLE (enrollment_state text, message_state text, leased boolean, suppressed boolean, workspace_stopped boolean,
        mailbox_paused boolean, mailbox_state text, inbox_read_at timestamptz, sequence_status text, sequence_paused boolean,
        user_active boolean, in_day bigint, in_minute bigint, last_at timestamptz, day_frees_at timestamptz, to_address bigint,
        address_frees_at timestamptz, breaker text, instance_id text, barred text,
        to_domain bigint, domain_frees_at timestamptz)
    LANGUAGE plpgsql VOLATILE AS $$
    DECLARE key bigint; day_ago CONSTANT timestamptz := at - interval '24 hours';
    BEGIN
        PERFORM set_config('segue.workspace', ws::text, true);
        FOREACH key IN ARRAY own LOOP  -- the fence of this message, the one slot of this mailbox: never waited for
            IF NOT pg_try_advisory_xact_lock(key) THEN RETURN; END IF;
        END LOOP;
        FOREACH key IN ARRAY shared LOOP  -- in the order of H4
            PERFORM pg_advisory_xact_lock_shared(key);
        END LOOP;
        PERFORM FROM enrollments e WHERE e.workspace_id = ws AND e.id = enrollment FOR SHARE;
        RETURN QUERY
        SELECT e.state, m.state, m.lease_until > clock_timestamp(),
            EXISTS (SELECT FROM suppressions x WHERE x.workspace_id = ws AND x.kind = 'address' AND x.value = addressee)
              OR EXISTS (SELECT FROM suppressions x
                         WHERE x.workspace_id = ws AND x.kind = 'domain' AND x.value = split_part(addressee, '@', 2))
              OR EXISTS (SELECT FROM suppressions x WHERE x.workspace_id = ws AND x.kind = 'erased'
                         AND x.value = segue_address_hash(w.mail_secret, addressee)),
            w.sending_stopped_at IS NOT NULL OR u.sending_stopped_at IS NOT NULL, l.paused, b.state, b.inbox_read_at,
            CASE WHEN s.creator_lost_at IS NOT NULL THEN 'creator_lost' ELSE s.status END, s.paused,
            u.active AND u.seat AND a.active AND a.seat,
            day.n, day.n_minute, day.last_at, day.first_at, person.n, person.first_at,
            CASE WHEN l.breaker = '' AND s.breaker = '' THEN ''
                WHEN l.breaker = 'open' THEN 'mailbox' WHEN s.breaker = 'open' THEN 'sequence'
                WHEN l.breaker = 'half_open' AND (
                    SELECT count(*) FROM messages h WHERE h.workspace_id = ws AND h.mailbox_id = box AND h.handed_at >= l.breaker_at) >= 5
                  THEN 'mailbox'
                WHEN s.breaker = 'half_open' AND (
                    SELECT count(*) FROM messages h JOIN enrollments o ON o.workspace_id = ws AND o.id = h.enrollment_id
                    WHERE h.workspace_id = ws AND o.sequence_id = s.id AND h.handed_at >= s.breaker_at) >= 5
                  THEN 'sequence'
                ELSE '' END,
            w.instance_id,
            CASE WHEN EXISTS (SELECT FROM contacts c WHERE c.workspace_id = ws AND c.id = e.contact_id AND c.deleted_at IS NOT NULL)
                 THEN 'CONTACT_DELETED'
                 WHEN EXISTS (SELECT FROM consent_policies p WHERE p.workspace_id = ws AND p.policy = 'block'
                              AND (p.country = (SELECT c.country_code FROM contacts c WHERE c.workspace_id = ws AND c.id = e.contact_id)
                                OR p.country = '*' AND NOT EXISTS (
                                   SELECT FROM contacts c
                                   JOIN consent_policies own ON own.workspace_id = ws AND own.country = c.country_code
                                   WHERE c.workspace_id = ws AND c.id = e.contact_id)))
                   AND NOT EXISTS (SELECT FROM consents k WHERE k.workspace_id = ws AND k.address_normal = addressee
                                   AND (k.expires_at IS NULL OR k.expires_at > at))
                 THEN 'CONSENT_REQUIRED' ELSE '' END,
            company.n, company.first_at
        FROM enrollments e
        JOIN messages m ON m.workspace_id = ws AND m.id = message
        JOIN workspaces w ON w.workspace_id = ws
        JOIN mailboxes b ON b.workspace_id = ws AND b.id = e.mailbox_id
        JOIN mailbox_lanes l ON l.workspace_id = ws AND l.mailbox_id = e.mailbox_id
        JOIN sequences s ON s.workspace_id = ws AND s.id = e.sequence_id
        JOIN users u ON u.workspace_id = ws AND u.id = e.sender_user_id
        JOIN users a ON a.workspace_id = ws AND a.id = e.enroller_user_id
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE {COUNTS_AT} > day_ago) AS n,
                count(*) FILTER (WHERE {COUNTS_AT} >= date_trunc('minute', at)) AS n_minute,
                GREATEST(max(h.handed_at), max(h.accepted_at)) AS last_at, min({COUNTS_AT}) FILTER (WHERE {COUNTS_AT} > day_ago) AS first_at
            FROM messages h WHERE h.workspace_id = ws AND h.mailbox_id = box AND {MAY_COUNT}) day
        CROSS JOIN LATERAL (
            SELECT count(*) AS n, min({COUNTS_AT}) AS first_at
            FROM messages h WHERE h.workspace_id = ws AND h.recipient_normal = addressee AND {MAY_COUNT} AND {COUNTS_AT} > day_ago) person
        CROSS JOIN LATERAL (
            SELECT count(*) AS n, min({COUNTS_AT}) AS first_at
            FROM messages h
            WHERE h.workspace_id = ws AND h.capped_domain = m.capped_domain AND {MAY_COUNT} AND {COUNTS_AT} > day_ago) company
        WHERE e.workspace_id = ws AND e.id = enrollment;
    END $$"""

# Several mailboxes of one user count against one limit (SEQ-88): counted and taken under the user's lock, which ends with the commit.
# `state || ''` keeps the planner from `messages_open`, which looks empty to it and is full of entries that are dead but not yet vacuumed.
MARK_IN_DOUBT = f"""
    CREATE OR REPLACE FUNCTION segue_mark_in_doubt(ws bigint, user_lock bigint, message bigint, sending_user bigint, most bigint,
        at timestamptz, address_lock bigint, addressee text, address_most bigint) RETURNS integer
    LANGUAGE plpgsql VOLATILE AS $$
    DECLARE tried integer; company text;
    BEGIN
        PERFORM set_config('segue.workspace', ws::text, true);
        PERFORM pg_advisory_xact_lock(user_lock);
        SELECT m.capped_domain INTO company FROM messages m WHERE m.workspace_id = ws AND m.id = message;
        IF company IS NOT NULL THEN  -- mailboxes of many users write to one company (SEQ-94)
            PERFORM pg_advisory_xact_lock(hashtextextended('company:' || ws || ':' || company, 0));
        END IF;
        IF address_most > 0 THEN  -- several mailboxes may write to this address (SEQ-141)
            PERFORM pg_advisory_xact_lock(address_lock);
        END IF;
        UPDATE messages m SET state = 'in_doubt', attempt = m.attempt + 1, attempted_at = clock_timestamp(), handed_at = at
        WHERE m.workspace_id = ws AND m.id = message AND m.state || '' = 'sending' AND m.lease_until > clock_timestamp()
          AND (SELECT count(*) FROM messages h
               WHERE h.workspace_id = ws AND h.user_id = sending_user AND {MAY_COUNT} AND {COUNTS_AT} > at - interval '24 hours') < most
          AND (company IS NULL OR (
               SELECT count(*) FROM messages h WHERE h.workspace_id = ws AND h.capped_domain = company AND {MAY_COUNT}
                 AND {COUNTS_AT} > at - interval '24 hours')
               < COALESCE((SELECT NULLIF((w.settings ->> 'domain_per_day')::int, 0) FROM workspaces w WHERE w.workspace_id = ws), 1000000))
          AND (address_most = 0 OR (
               SELECT count(*) FROM messages h
               WHERE h.workspace_id = ws AND h.recipient_normal = addressee AND {MAY_COUNT} AND {COUNTS_AT} > at - interval '24 hours')
                 < address_most)
        RETURNING m.attempt INTO tried;
        RETURN tried;
    END $$"""

FUNCTIONS = (*ACROSS_WORKSPACES, ADDRESS_HASH, GATE, MARK_IN_DOUBT)

SIGNATURES = (
    "segue_workspaces()",
    "segue_instances()",
    "segue_ready_workspaces(timestamptz, integer)",
    "segue_find_links(bytea[])",
    "segue_find_token(bytea)",
    "segue_find_users(text)",
    "segue_address_hash(bytea, text)",
    "segue_gate(bigint, bigint[], bigint[], bigint, bigint, bigint, text, timestamptz)",
    "segue_mark_in_doubt(bigint, bigint, bigint, bigint, bigint, timestamptz, bigint, text, bigint)",
)
