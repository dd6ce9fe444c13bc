"""Who was refused, told: every code that applies in the order of SEQ-62, the company limit, and the timeline of each contact (SEQ-63)."""

from collections.abc import Sequence
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.free_mail import FREE_MAIL_DOMAINS
from segue.domain.ids import WorkspaceId
from segue.features.enrollments.admission import Beginning, EnrollRequest, RefusedContact
from segue.features.enrollments.refusals import COMPANY_ROOM, MESSAGES

AFTER_COMPANY_LIMIT = "MISSING_TOKEN"
"""The only code of `REFUSAL` that stands behind COMPANY_LIMIT in the table of SEQ-62."""
BATCH = 5_000


def refused_contact(row: dict[str, Any]) -> RefusedContact:
    """Return a row of `REFUSAL` with its sentences."""
    code, *further = row["codes"]
    return RefusedContact(row["email"], code, _sentence(row, code), tuple((each, _sentence(row, each)) for each in further))


def _sentence(row: dict[str, Any], code: str) -> str:
    return MESSAGES[code].format_map({"address": row["email"], "domain": row["email"].rpartition("@")[2], "name": row["detail"]} | row)


def crowded(tx: Tx, plan: Beginning, contacts: Sequence[int], refused: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return who is refused, with those besides whom the company limit leaves no room (SEQ-62). Who is refused for something else takes
    no place of the company."""
    limit = int(plan.sender["workspace_settings"].get("company_limit", 0))
    if not limit:
        return refused
    wanted = [contact not in refused for contact in contacts]
    found = dict(refused)
    for row in tx.all(COMPANY_ROOM, {"ids": list(contacts), "wanted": wanted, "free": sorted(FREE_MAIL_DOMAINS)}):
        if row["colleagues"] < limit:
            continue
        before = found.get(row["id"], {"id": row["id"], "email": row["email"], "codes": [], "detail": ""})
        place = before["codes"].index(AFTER_COMPANY_LIMIT) if AFTER_COMPANY_LIMIT in before["codes"] else len(before["codes"])
        codes = [*before["codes"][:place], "COMPANY_LIMIT", *before["codes"][place:]]
        there = min(row["colleagues"], max(row["taken"], limit))  # those behind the limit are not enrolled
        found[row["id"]] = {**before, "codes": codes, "company": row["company"], "colleagues": there}
    return found


def note_refusal(db: Database, workspace_id: WorkspaceId, request: EnrollRequest, contacts: Sequence[int], code: str) -> None:
    """Write on the timeline of each contact that nobody could be enrolled, and why (SEQ-63)."""
    if request.dry_run:
        return
    for start in range(0, len(contacts), BATCH):
        with db.tx(workspace_id, actor=request.told_as) as tx:
            tx.run(
                """INSERT INTO events (workspace_id, at, kind, contact_id, actor, data)
                   SELECT %(ws)s, %(now)s, 'enrollment_refused', c.id, %(by)s, jsonb_build_object('code', %(code)s::text, 'sequence',
                     COALESCE((SELECT name FROM sequences WHERE workspace_id = %(ws)s AND id = %(sequence)s), ''))
                   FROM contacts AS c WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.deleted_at IS NULL ORDER BY c.id""",
                {
                    "now": tx.now,
                    "by": tx.actor,
                    "code": code,
                    "sequence": request.sequence_id,
                    "ids": list(contacts[start : start + BATCH]),
                },
            )
