"""What the check before enrolling warns of without blocking (SEQ-60): set-wise, one statement for a batch."""

from collections.abc import Sequence

from segue.db.tx import Tx
from segue.domain.free_mail import FREE_MAIL_DOMAINS
from segue.domain.sequence import ZoneMode
from segue.features.contacts.zones import find_zones
from segue.features.enrollments.admission import WARNED_SHOWN, Beginning, Warned

_ROLES = """
    abuse admin billing contact enquiries events feedback finance hello help hr info inquiries jobs kontakt legal mail marketing media
    noreply no-reply office orders postmaster press privacy purchasing recruiting sales security service support team webmaster
"""
"""Mailboxes of functions, not people: RFC 2142 and what companies add to it."""

WARNINGS = {
    "OWNED_BY_OTHER": "Somebody else owns this contact.",
    "COLLEAGUE_ENROLLED": "Colleagues at the same company are enrolled.",
    "FINISHED_BEFORE": "The contact has been through this sequence before.",
    "ROLE_ADDRESS": "The address is that of a function, such as info@, and not of a person.",
    "NO_TIME_ZONE": "The contact's time zone is not known; the sender's is taken.",
}


def find_warnings(tx: Tx, plan: Beginning, contacts: Sequence[int]) -> list[Warned]:
    """Return what is worth a word about contacts who may be enrolled, in the order of `WARNINGS`."""
    enroller = plan.request.enroller_user_id
    rows = tx.all(
        FIND,
        {
            "ids": list(contacts),
            "sequence": plan.request.sequence_id,
            "enroller": enroller,
            "roles": _ROLES.split(),
            "free": sorted(FREE_MAIL_DOMAINS),
        },
    )
    found: dict[str, list[str]] = {code: [] for code in WARNINGS}
    placed = find_zones(tx, contacts) if plan.content.settings.zone_mode is ZoneMode.CONTACT else None
    for row in rows:
        for code in row["codes"]:
            found[code].append(row["email"])
        if placed is not None and row["id"] not in placed:
            found["NO_TIME_ZONE"].append(row["email"])
    return [Warned(code, WARNINGS[code], len(emails), tuple(emails[:WARNED_SHOWN])) for code, emails in found.items() if emails]


FIND = """
    SELECT c.id, c.email, array_remove(ARRAY[
        CASE WHEN COALESCE(c.properties ->> 'owner', '') <> ''
          AND lower(c.properties ->> 'owner') <> (SELECT email FROM users WHERE workspace_id = %(ws)s AND id = %(enroller)s)
          THEN 'OWNED_BY_OTHER' END,
        CASE WHEN split_part(c.email_normal, '@', 2) = ANY(open.domains) THEN 'COLLEAGUE_ENROLLED' END,
        CASE WHEN EXISTS (SELECT FROM enrollments AS e WHERE e.workspace_id = %(ws)s AND e.contact_id = c.id
                          AND e.sequence_id = %(sequence)s AND e.state = 'finished') THEN 'FINISHED_BEFORE' END,
        CASE WHEN split_part(c.email_normal, '@', 1) = ANY(%(roles)s) THEN 'ROLE_ADDRESS' END], NULL) AS codes
    FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS o(id, place)
    JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.id = o.id
    CROSS JOIN (SELECT array_agg(DISTINCT split_part(address_normal, '@', 2)) AS domains FROM enrollments
                WHERE workspace_id = %(ws)s AND state IN ('active', 'paused')
                  AND split_part(address_normal, '@', 2) <> ALL(%(free)s)) AS open
    ORDER BY o.place
"""
