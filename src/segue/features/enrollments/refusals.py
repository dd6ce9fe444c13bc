"""Why a contact may not be enrolled: the codes and sentences of SEQ-62, and the one statement that finds them for a whole batch."""

MESSAGES = {
    "SEQUENCE_NOT_FOUND": "This sequence does not exist or is not shared with you.",
    "SEQUENCE_NOT_ACTIVE": "This sequence is not active. Publish it first.",
    "CONTACT_NOT_FOUND": "This contact does not exist any more.",
    "SENDER_NO_SEAT": "{sender} has no sequence seat. An admin can assign one.",
    "SENDER_NO_MAILBOX": "The sender has not connected a personal mailbox. Run `segue mailbox add`.",
    "MAILBOX_DISCONNECTED": "The mailbox {mailbox} is disconnected. Reconnect it and try again.",
    "OWN_ADDRESS": "You cannot enroll an address of your own team.",
    "ALREADY_ENROLLED": 'Already enrolled in "{sequence}" by {user} since {since}.',
    "UNSUBSCRIBED_PERSONAL": "This contact has opted out of one-to-one email.",
    "RECIPIENT_PREVIOUSLY_BOUNCED_ON_PORTAL": "An earlier email to {address} bounced on {since}.",
    "PREVIOUSLY_MARKED_AS_SPAM": "This contact reported an earlier email as spam.",
    "BLOCKED_ADDRESS": "{address} is on the block list.",
    "BLOCKED_DOMAIN": "{domain} is on the block list.",
    "MISSING_TOKEN": "The emails of this sequence lack a value for {name}.",
    "START_STEP_INVALID": "Choose a step of this sequence.",
    "WORKSPACE_STOPPED": "Sending is stopped for this workspace.",
}

# The order of the CASE is the order of SEQ-62: the first hit is the answer.
REFUSAL = """
    SELECT c.id, c.email, found.code, COALESCE(found.detail, '') AS detail, open.sequence, open.user,
        to_char(COALESCE(open.enrolled_at, c.address_dead_at), 'YYYY-MM-DD') AS since
    FROM contacts AS c
    LEFT JOIN LATERAL (
        SELECT s.name AS sequence, u.email AS user, e.enrolled_at FROM enrollments AS e
        JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
        JOIN users AS u ON u.workspace_id = e.workspace_id AND u.id = e.enroller_user_id
        WHERE e.workspace_id = %(ws)s AND e.address_normal = c.email_normal AND e.state IN ('active', 'paused') LIMIT 1) AS open ON true
    LEFT JOIN suppressions AS a ON a.workspace_id = %(ws)s AND a.kind = 'address' AND a.value = c.email_normal
    LEFT JOIN suppressions AS d ON d.workspace_id = %(ws)s AND d.kind = 'domain' AND d.value = split_part(c.email_normal, '@', 2)
    LEFT JOIN LATERAL (
        SELECT string_agg('contact.' || missing.name, ', ') AS names FROM (
            SELECT name FROM unnest(%(columns)s::text[]) AS name
            WHERE CASE name WHEN 'first_name' THEN c.first_name WHEN 'last_name' THEN c.last_name WHEN 'company' THEN c.company
                WHEN 'timezone' THEN c.timezone WHEN 'country' THEN c.country ELSE c.first_name || c.last_name END = ''
            UNION ALL
            SELECT name FROM unnest(%(properties)s::text[]) AS name WHERE COALESCE(c.properties ->> name, '') = '') AS missing) AS token
      ON true
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN EXISTS (SELECT FROM mailboxes AS b WHERE b.workspace_id = %(ws)s AND b.address_normal = c.email_normal) THEN 'OWN_ADDRESS'
            WHEN open.sequence IS NOT NULL THEN 'ALREADY_ENROLLED'
            WHEN a.reason IN ('unsubscribed', 'opted out by mail') THEN 'UNSUBSCRIBED_PERSONAL'
            WHEN c.address_dead_at IS NOT NULL OR a.reason = 'bounced' THEN 'RECIPIENT_PREVIOUSLY_BOUNCED_ON_PORTAL'
            WHEN a.reason = 'complaint' THEN 'PREVIOUSLY_MARKED_AS_SPAM'
            WHEN a.value IS NOT NULL THEN 'BLOCKED_ADDRESS'
            WHEN d.value IS NOT NULL THEN 'BLOCKED_DOMAIN'
            WHEN token.names IS NOT NULL THEN 'MISSING_TOKEN' END AS code, token.names AS detail) AS found
    WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(contacts)s) AND found.code IS NOT NULL
    ORDER BY c.id
"""
