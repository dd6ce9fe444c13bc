"""What is asked about sequences by those who may see them (SEQ-8)."""

from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import Forbidden, NotFound
from segue.domain.permissions import Actor, Permission, Reach

VISIBLE = """
    (%(sees_all)s OR s.sharing = 'everyone' OR s.owner_user_id = %(me)s
     OR s.sharing = 'chosen' AND (%(me)s = ANY(s.shared_with) OR %(team)s <> '' AND %(team)s = ANY(s.shared_teams))
     OR %(sees_team)s AND %(team)s <> '' AND o.team = %(team)s)
"""
"""Whether the caller sees the sequence `s`, whose owner is `o`: its owner, those it is shared with, a manager of the team, admins."""

COLUMNS = """s.id, s.name, s.status, s.sharing, s.shared_with, s.shared_teams, s.version, s.paused, s.created_at, s.updated_at,
    s.owner_user_id, s.creator_lost_at, o.email AS owner, o.team AS owner_team"""


def seer(actor: Actor) -> dict[str, Any]:
    """Return the parameters of `VISIBLE`."""
    reach = actor.reach(Permission.EDIT_ANY)
    return {
        "me": int(actor.user_id or 0),
        "team": actor.team,
        "sees_all": reach is Reach.ALL,
        "sees_team": reach is Reach.TEAM,
    }


def list_visible(tx: Tx, actor: Actor, *, after: int = 0, most: int = 100, status: str = "", search: str = "") -> list[dict[str, Any]]:
    """Return the sequences that an actor sees with their figures, in the order of their numbers, beginning behind `after`."""
    return tx.all(
        f"""SELECT q.*, n.enrolled, n.open, n.replied FROM (
               SELECT {COLUMNS} FROM sequences AS s JOIN users AS o ON o.workspace_id = s.workspace_id AND o.id = s.owner_user_id
               WHERE s.workspace_id = %(ws)s AND s.id > %(after)s AND s.status <> 'deleted' AND {VISIBLE}
                 AND (%(status)s = '' OR s.status = %(status)s) AND (%(search)s = '' OR strpos(lower(s.name), lower(%(search)s)) > 0)
               ORDER BY s.id LIMIT %(most)s) AS q
           CROSS JOIN LATERAL ({FIGURES}) AS n ORDER BY q.id""",
        {"after": after, "most": most, "status": status, "search": search, **seer(actor)},
    )


def get_visible(tx: Tx, actor: Actor, sequence_id: int, *, deleted: bool = False) -> dict[str, Any]:
    """Return a sequence that the actor sees. Raises NotFound: one that is not shared looks like one that is not there."""
    row = tx.one(
        f"""SELECT q.*, n.enrolled, n.open, n.replied FROM (
               SELECT {COLUMNS} FROM sequences AS s JOIN users AS o ON o.workspace_id = s.workspace_id AND o.id = s.owner_user_id
               WHERE s.workspace_id = %(ws)s AND s.id = %(id)s AND (s.status = 'deleted') = %(deleted)s AND {VISIBLE}) AS q
           CROSS JOIN LATERAL ({FIGURES}) AS n""",
        {"id": sequence_id, "deleted": deleted, **seer(actor)},
    )
    if row is None:
        raise NotFound(f"There is no sequence {sequence_id}, or it is not shared with you.")
    return row


def require_to_edit(actor: Actor, row: dict[str, Any]) -> None:
    """Let pass who may edit and delete a sequence: its owner, a manager of the owner's team, an admin (SEQ-3). Raises Forbidden."""
    own = row["owner_user_id"] == actor.user_id and actor.may(Permission.CREATE)
    reach = actor.reach(Permission.EDIT_ANY)
    of_team = reach is Reach.TEAM and actor.team != "" and row["owner_team"] == actor.team
    if not (own or of_team or reach is Reach.ALL):
        raise Forbidden(f'You may not change "{row["name"]}".', hint="Its owner may, a manager of the owner's team, an admin.")


FIGURES = """
    SELECT count(*) AS enrolled, count(*) FILTER (WHERE e.state IN ('active', 'paused')) AS open,
        count(*) FILTER (WHERE e.reason = 'REPLIED') AS replied
    FROM enrollments AS e WHERE e.workspace_id = %(ws)s AND e.sequence_id = q.id
"""
