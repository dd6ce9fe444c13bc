"""Why a contact may not be enrolled: the codes and sentences of SEQ-62, and the one statement that finds them for a whole batch."""

MESSAGES = {
    "NOT_ALLOWED": "You are not allowed to enroll contacts.",
    "SEQUENCE_NOT_FOUND": "This sequence does not exist or is not shared with you.",
    "SEQUENCE_NOT_ACTIVE": "This sequence is not active. Publish it first.",
    "CONTACT_NOT_FOUND": "This contact does not exist any more.",
    "CONTACT_NO_ACCESS": "You are not allowed to email this contact.",
    "SENDER_MISSING": "No sender is set for this contact.",
    "SENDER_NO_SEAT": "{sender} has no sequence seat. An admin can assign one.",
    "SEQUENCE_NOT_SHARED": "This sequence is not shared with {sender}.",
    "SENDER_NO_MAILBOX": "{sender} has not connected a personal mailbox. `segue mailbox add` connects one.",
    "SENDER_MISMATCH": "{user} cannot send as {address}.",
    "MAILBOX_DISCONNECTED": "The mailbox {mailbox} is disconnected. Reconnect it and try again.",
    "NO_EMAIL_ADDRESS": "This contact has no email address.",
    "INVALID_EMAIL_ADDRESS": "{address} is not a valid email address.",
    "OWN_ADDRESS": "You cannot enroll an address of your own team.",
    "ALREADY_ENROLLED": 'Already enrolled in "{sequence}" by {user} since {since}.',
    "UNSUBSCRIBED": "This contact has opted out of all email from you.",
    "UNSUBSCRIBED_PERSONAL": "This contact has opted out of one-to-one email.",
    "RECIPIENT_PREVIOUSLY_BOUNCED_ON_PORTAL": "An earlier email to {address} bounced on {bounced}.",
    "PREVIOUSLY_MARKED_AS_SPAM": "This contact reported an earlier email as spam.",
    "OTHER_SEND_REJECTED": "The recipient's mail system refused an earlier email: {reason}.",
    "BLOCKED_ADDRESS": "{address} is on the block list.",
    "BLOCKED_DOMAIN": "{domain} is on the block list.",
    "CONSENT_REQUIRED": "The policy for {country} needs a recorded consent.",
    "COOL_OFF": "Last sequence ended on {ended}; {remain} days of cool-off remain.",
    "COMPANY_LIMIT": "{colleagues} people at {company} are enrolled already.",
    "MISSING_TOKEN": "The emails of this sequence lack a value for {name}.",
    "UNFILLED_PLACEHOLDER": 'The email "{step}" lacks a value for {name}.',
    "START_STEP_INVALID": "Choose a step of this sequence.",
    "START_TIME_INVALID": "Choose a time within 90 days.",
    "DUPLICATE_IN_SELECTION": "This address appears more than once in your selection.",
    "SEND_LIMIT_REACHED": "{mailbox} is full until {time}. Choose another day or queue it.",
    "WORKSPACE_STOPPED": "Sending is stopped for this workspace.",
}

SUSPECTS = r"""
    SELECT id, email FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND email <> ''
      AND email !~* '^[a-z0-9_-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$'
"""
"""Addresses that are not plainly good; `is_address` decides about them."""

COMPANY_ROOM = """
    SELECT c.id, c.email, k.company, COALESCE(taken.n, 0) AS taken,
        COALESCE(taken.n, 0) + count(*) FILTER (WHERE o.free) OVER (PARTITION BY k.company ORDER BY o.place) - o.free::int AS colleagues
    FROM unnest(%(ids)s::bigint[], %(wanted)s::bool[]) WITH ORDINALITY AS o(id, free, place)
    JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.id = o.id
    CROSS JOIN LATERAL (SELECT CASE WHEN split_part(c.email_normal, '@', 2) = ANY(%(free)s) THEN NULLIF(lower(c.company), '')
                                    ELSE split_part(c.email_normal, '@', 2) END AS company) AS k
    LEFT JOIN (SELECT CASE WHEN split_part(e.address_normal, '@', 2) = ANY(%(free)s) THEN NULLIF(lower(p.company), '')
                           ELSE split_part(e.address_normal, '@', 2) END AS company, count(*) AS n
               FROM enrollments AS e JOIN contacts AS p ON p.workspace_id = e.workspace_id AND p.id = e.contact_id
               WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused') GROUP BY 1) AS taken ON taken.company = k.company
    WHERE k.company IS NOT NULL
"""
"""How many of a contact's company would be enrolled before it: open enrollments and those `wanted` ahead of it in the selection. A company
is the domain of the address; people at free-mail domains are told apart by the company's name, and without one belong to none."""

# Two lookups, never one OR, and OFFSET 0 keeps the index of open enrollments from the second: while a table grows from nothing the planner
# knows no better and would read every open enrollment of the workspace once for every contact.
# The order of the codes is the order of SEQ-62: the first hit is the answer, the others are listed as well.
REFUSAL = """
    SELECT c.id, c.email, c.country_code AS country, found.codes, COALESCE(token.names, '') AS detail, rejected.reason,
        to_char(ended.at, 'YYYY-MM-DD') AS ended,
        ceil(extract(epoch FROM ended.at + make_interval(days => %(cool_off)s) - %(now)s) / 86400)::int AS remain, open.sequence, open.user,
        to_char(open.enrolled_at, 'YYYY-MM-DD') AS since,
        to_char(COALESCE(c.address_dead_at, a.created_at), 'YYYY-MM-DD') AS bounced
    FROM contacts AS c
    LEFT JOIN LATERAL (
        SELECT s.name AS sequence, u.email AS user, e.enrolled_at
        FROM (SELECT *, count(*) OVER () AS n FROM (
            SELECT id, sequence_id, enroller_user_id, enrolled_at, overlap_slot FROM enrollments
            WHERE workspace_id = %(ws)s AND state IN ('active', 'paused') AND address_normal = c.email_normal
            UNION  -- one person, also by another address (SEQ-143)
            SELECT id, sequence_id, enroller_user_id, enrolled_at, overlap_slot
            FROM (SELECT * FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = c.id OFFSET 0) AS ever
            WHERE state IN ('active', 'paused')) AS theirs) AS e
        JOIN sequences AS s ON s.workspace_id = %(ws)s AND s.id = e.sequence_id
        JOIN users AS u ON u.workspace_id = %(ws)s AND u.id = e.enroller_user_id
        WHERE %(overlap_most)s = 1 OR e.sequence_id = %(sequence)s OR e.overlap_slot = 0 OR e.n >= %(overlap_most)s
        ORDER BY e.enrolled_at LIMIT 1) AS open ON true
    LEFT JOIN suppressions AS a ON a.workspace_id = %(ws)s AND a.kind = 'address' AND a.value = c.email_normal
    LEFT JOIN suppressions AS d ON d.workspace_id = %(ws)s AND d.kind = 'domain' AND d.value = split_part(c.email_normal, '@', 2)
    LEFT JOIN suppressions AS erased ON erased.workspace_id = %(ws)s AND erased.kind = 'erased'
      AND erased.value = segue_address_hash((SELECT mail_secret FROM workspaces WHERE workspace_id = %(ws)s), c.email_normal)
    LEFT JOIN LATERAL (
        SELECT string_agg(missing.name, ', ') AS names FROM (
            SELECT 'contact.' || name AS name FROM unnest(%(columns)s::text[]) AS name
            WHERE CASE name WHEN 'first_name' THEN c.first_name WHEN 'last_name' THEN c.last_name WHEN 'company' THEN c.company
                WHEN 'timezone' THEN c.timezone WHEN 'country' THEN c.country ELSE c.first_name || c.last_name END = ''
            UNION ALL
            SELECT 'contact.' || name FROM unnest(%(properties)s::text[]) AS name WHERE COALESCE(c.properties ->> name, '') = ''
            UNION ALL
            SELECT 'company.' || wanted FROM unnest(%(of_company)s::text[]) AS wanted
            LEFT JOIN companies AS f ON f.workspace_id = c.workspace_id AND f.id = c.company_id
            WHERE COALESCE(CASE wanted WHEN 'name' THEN f.name WHEN 'domain' THEN f.domain ELSE f.properties ->> wanted END, '') = ''
        ) AS missing) AS token ON true
    LEFT JOIN LATERAL (
        SELECT COALESCE(NULLIF(v.data ->> 'detail', ''), 'blocked') AS reason FROM events AS v
        WHERE v.workspace_id = %(ws)s AND v.contact_id = c.id AND v.kind IN ('bounce_received', 'email_failed')
          AND v.data ->> 'reason' = 'blocked' AND COALESCE(v.data ->> 'proven', 'true') = 'true' AND v.at > %(now)s - interval '30 days'
        ORDER BY v.id DESC LIMIT 1) AS rejected ON true
    LEFT JOIN LATERAL (
        SELECT max(e.ended_at) AS at FROM enrollments AS e
        WHERE %(cool_off)s > 0 AND e.workspace_id = %(ws)s AND e.contact_id = c.id) AS ended ON true
    CROSS JOIN LATERAL (
        SELECT array_remove(ARRAY[
            CASE WHEN NOT %(reaches_all)s AND lower(COALESCE(c.properties ->> 'owner', '')) <> ALL(%(owners)s::text[])
              THEN 'CONTACT_NO_ACCESS' END,
            CASE WHEN c.email = '' THEN 'NO_EMAIL_ADDRESS' END,
            CASE WHEN c.id = ANY(%(invalid)s::bigint[]) THEN 'INVALID_EMAIL_ADDRESS' END,
            CASE WHEN EXISTS (SELECT FROM mailboxes AS b WHERE b.workspace_id = %(ws)s AND b.address_normal = c.email_normal)
              THEN 'OWN_ADDRESS' END,
            CASE WHEN open.sequence IS NOT NULL THEN 'ALREADY_ENROLLED' END,
            CASE WHEN a.reason = %(unsubscribed_all)s THEN 'UNSUBSCRIBED' END,
            CASE WHEN a.reason IN ('unsubscribed', 'opted out by mail') THEN 'UNSUBSCRIBED_PERSONAL' END,
            CASE WHEN c.address_dead_at IS NOT NULL OR a.reason = 'bounced' THEN 'RECIPIENT_PREVIOUSLY_BOUNCED_ON_PORTAL' END,
            CASE WHEN a.reason = 'complaint' THEN 'PREVIOUSLY_MARKED_AS_SPAM' END,
            CASE WHEN rejected.reason IS NOT NULL THEN 'OTHER_SEND_REJECTED' END,
            CASE WHEN erased.value IS NOT NULL
              OR a.reason NOT IN (%(unsubscribed_all)s, 'unsubscribed', 'opted out by mail', 'bounced', 'complaint')
              THEN 'BLOCKED_ADDRESS' END,
            CASE WHEN d.value IS NOT NULL THEN 'BLOCKED_DOMAIN' END,
            CASE WHEN (c.country_code = ANY(%(consent_blocks)s::text[])
                       OR %(consent_blocks_others)s AND c.country_code <> ALL(%(consent_named)s::text[]))
              AND NOT EXISTS (SELECT FROM consents AS k WHERE k.workspace_id = %(ws)s AND k.address_normal = c.email_normal
                              AND (k.expires_at IS NULL OR k.expires_at > %(now)s)) THEN 'CONSENT_REQUIRED' END,
            CASE WHEN ended.at + make_interval(days => %(cool_off)s) > %(now)s THEN 'COOL_OFF' END,
            CASE WHEN token.names IS NOT NULL THEN 'MISSING_TOKEN' END], NULL) AS codes) AS found
    WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(contacts)s) AND found.codes <> '{}'
    ORDER BY c.id
"""
