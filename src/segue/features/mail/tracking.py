"""Opens and clicks in the database: written with a first verdict, settled after ten minutes, their origin forgotten (SCI-40…43, S20).

Telemetry only: of everything here nothing stops, advances or suppresses.
"""

import hmac
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain import machine_events as machine
from segue.domain.errors import Invalid
from segue.domain.ids import WorkspaceId
from segue.domain.machine_events import Reason, Seen, Signs, Verdict
from segue.domain.public_links import LinkKind
from segue.features.mail import hour_log
from segue.features.mail.hour_log import Reaction
from segue.features.mail.links import FoundLink, find_links

AGENT_MAX = 300
ORIGIN_KEPT = timedelta(hours=24)
AGENT_KEPT = timedelta(days=7)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a pixel or a link as it came in."""

    kind: LinkKind
    token: str
    at: datetime
    method: str
    agent: str
    referrer: str
    address: str


def load_signs(data_dir: Path) -> Signs:
    """Return the signs of machines: the operator's own file in the data folder, else the one that ships (SCI-42).

    Raises:
        Invalid: the operator's file is not one.
    """
    own = data_dir / "machine_signs.json"
    if not own.exists():
        return Signs.read(json.loads(files("segue.features.mail").joinpath("machine_signs.json").read_text(encoding="utf-8")))
    try:
        return Signs.read(json.loads(own.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(f"{own} cannot be used: {error!r}.", hint="Remove it, or begin with the file that ships with Segue.") from error


def store_requests(db: Database, signs: Signs, requests: Sequence[Request]) -> int:
    """Store requests as events, all of a workspace in one transaction; returns how many. Unknown tokens leave no trace (S18)."""
    found = find_links(db, {(each.kind, each.token) for each in requests})
    by_workspace: dict[WorkspaceId, list[tuple[Request, FoundLink]]] = defaultdict(list)
    for each in requests:
        link = found.get((each.kind, each.token))
        if link is not None:
            by_workspace[link.workspace_id].append((each, link))
    stored = 0
    for workspace_id, known in by_workspace.items():
        with db.tx(workspace_id, actor="contact") as tx:
            stored += _store(tx, signs, known)
    return stored


def _store(tx: Tx, signs: Signs, known: Sequence[tuple[Request, FoundLink]]) -> int:
    facts = {row["id"]: row for row in tx.all(FACTS, {"ids": list({link.message_id for _, link in known})})}
    rows = []
    for request, link in known:
        fact = facts.get(link.message_id)
        if fact is None or not fact["allowed"].get(f"track_{request.kind.value}s", True):
            continue  # the mail is no more, or tracking was switched off after it was sent
        seen = Seen(request.method, request.agent, request.referrer, request.address, request.at, fact["accepted_at"])
        rows.append((request, link, fact, machine.signs_of(seen, signs)))
    if not rows:
        return 0
    return tx.run(
        """INSERT INTO tracking_events (workspace_id, kind, message_id, contact_id, enrollment_id, position, at, verdict, reasons, agent,
               origin)
           SELECT %(ws)s, g.kind, g.message, g.contact, g.enrollment, g.position, g.at, g.verdict, string_to_array(g.reasons, ' '), g.agent,
               g.origin
           FROM unnest(%(kinds)s::text[], %(messages)s::bigint[], %(contacts)s::bigint[], %(enrollments)s::bigint[],
               %(positions)s::smallint[], %(ats)s::timestamptz[], %(verdicts)s::text[], %(reasons)s::text[], %(agents)s::text[],
               %(origins)s::bytea[])
             AS g(kind, message, contact, enrollment, position, at, verdict, reasons, agent, origin)""",
        {
            "kinds": [request.kind.value for request, *_ in rows],
            "messages": [link.message_id for _, link, *_ in rows],
            "contacts": [fact["contact_id"] for *_, fact, _ in rows],
            "enrollments": [fact["enrollment_id"] for *_, fact, _ in rows],
            "positions": [link.position for _, link, *_ in rows],
            "ats": [request.at for request, *_ in rows],
            "verdicts": [machine.verdict_of(reasons).value for *_, reasons in rows],
            "reasons": [" ".join(reasons) for *_, reasons in rows],
            "agents": [_clean(request.agent) for request, *_ in rows],
            "origins": [_origin(fact["mail_secret"], request) for request, _, fact, _ in rows],
        },
    )


def _clean(agent: str) -> str:
    return "".join(char for char in agent if char.isprintable())[:AGENT_MAX].encode("utf-8", "replace").decode()


def _origin(secret: bytes, request: Request) -> bytes | None:
    """Hash the network with a salt of the day: enough to see that two events came from one, for as long as that matters (SCI-42)."""
    network = machine.network_of(request.address)
    return hmac.digest(bytes(secret), f"segue origin {request.at:%Y-%m-%d} {network}".encode(), "sha256")[:16] if network else None


def tend_tracking(tx: Tx) -> set[int]:
    """Settle verdicts that are ten minutes old, let the log of hours learn from people's, and forget what need not be known any longer.

    Returns the contacts whose own opens and clicks became certain: only those may be asked about by a branch (SCI-41).
    """
    due = tx.all(
        """SELECT id, kind, message_id, contact_id, position, at, reasons, origin FROM tracking_events
           WHERE workspace_id = %(ws)s AND NOT final AND at <= %(before)s ORDER BY at LIMIT %(most)s""",
        {"before": tx.now - machine.SETTLE_AFTER, "most": BATCH},
    )
    people = _settle(tx, due) if due else set()
    tx.run(
        "UPDATE tracking_events SET origin = NULL WHERE workspace_id = %(ws)s AND origin IS NOT NULL AND at < %(before)s",
        {"before": tx.now - ORIGIN_KEPT},
    )
    tx.run(
        "UPDATE tracking_events SET agent = '' WHERE workspace_id = %(ws)s AND agent <> '' AND at < %(before)s",
        {"before": tx.now - AGENT_KEPT},
    )
    hour_log.forget_old(tx)
    return people


def _settle(tx: Tx, due: Sequence[Mapping[str, Any]]) -> set[int]:
    reasons = {row["id"]: set(row["reasons"]) for row in due}
    for looked_back, reason in (
        (_in_bursts(tx, due), Reason.MANY_LINKS),
        (_from_shared_networks(tx, due), Reason.SHARED_NETWORK),
        (_from_scanning_systems(tx, due), Reason.SCANNING_SYSTEM),
    ):
        for event_id in looked_back & reasons.keys():
            reasons[event_id].add(reason.value)
    verdicts = {event_id: machine.verdict_of(met) for event_id, met in reasons.items()}
    tx.run(
        """UPDATE tracking_events AS t SET final = true, verdict = g.verdict, reasons = string_to_array(g.reasons, ' ')
           FROM unnest(%(ids)s::bigint[], %(verdicts)s::text[], %(reasons)s::text[]) AS g(id, verdict, reasons)
           WHERE t.workspace_id = %(ws)s AND t.id = g.id""",
        {
            "ids": list(reasons),
            "verdicts": [verdicts[event_id].value for event_id in reasons],
            "reasons": [" ".join(each.value for each in Reason if each.value in met) for met in reasons.values()],
        },
    )
    human = [row for row in due if verdicts[row["id"]] is Verdict.HUMAN]
    blind = _not_observable(tx, {row["contact_id"] for row in human})
    hour_log.note_reactions(
        tx,
        [
            Reaction(row["contact_id"], row["message_id"], row["at"], row["kind"])
            for row in human
            if row["kind"] == "click" or row["contact_id"] not in blind
        ],
    )
    return {row["contact_id"] for row in human}


def _in_bursts(tx: Tx, due: Sequence[Mapping[str, Any]]) -> set[int]:
    messages = list({row["message_id"] for row in due if row["kind"] == "click"})
    if not messages:
        return set()
    clicks: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in tx.all(CLICKS, {"ids": messages}):
        clicks[row["message_id"]].append(row)
    return {
        rows[i]["id"] for rows in clicks.values() for i in machine.clicked_many([(r["at"], r["position"]) for r in rows], rows[0]["links"])
    }


def _from_shared_networks(tx: Tx, due: Sequence[Mapping[str, Any]]) -> set[int]:
    origins = {bytes(row["origin"]) for row in due if row["origin"] is not None}
    if not origins:
        return set()
    around = {"from": due[0]["at"] - machine.NETWORK_TOGETHER, "to": due[-1]["at"] + machine.NETWORK_TOGETHER}
    by_network: dict[bytes, list[Mapping[str, Any]]] = defaultdict(list)
    for row in tx.all(NEIGHBOURS, {"origins": list(origins), **around}):
        by_network[bytes(row["origin"])].append(row)
    return {rows[i]["id"] for rows in by_network.values() for i in machine.share_network([(r["at"], r["contact_id"]) for r in rows])}


def _from_scanning_systems(tx: Tx, due: Sequence[Mapping[str, Any]]) -> set[int]:
    rows = tx.all(
        SYSTEMS,
        {
            "ids": [row["id"] for row in due],
            "since": tx.now - machine.SYSTEM_DAYS,
            "at_once": machine.SYSTEM_AT_ONCE,
            "first": machine.SETTLE_AFTER,
        },
    )
    return {row["id"] for row in rows if machine.is_scanning_system(row["mails"], row["at_once"])}


def _not_observable(tx: Tx, contacts: set[int]) -> set[int]:
    """Return the contacts of whose opens nothing can be learnt: a prefetcher loads their pictures (SCI-6, SCI-43)."""
    rows = tx.all(
        """SELECT DISTINCT contact_id FROM tracking_events
           WHERE workspace_id = %(ws)s AND contact_id = ANY(%(ids)s) AND verdict = 'prefetch' AND at > %(since)s""",
        {"ids": list(contacts), "since": tx.now - timedelta(days=90)},
    )
    return {row["contact_id"] for row in rows}


FACTS = """
    SELECT m.id, m.contact_id, m.enrollment_id, COALESCE(m.accepted_at, m.handed_at) AS accepted_at, w.mail_secret,
        CASE WHEN c.tracked THEN w.settings ELSE '{"track_opens": false, "track_clicks": false}'::jsonb END AS allowed
    FROM messages AS m
    JOIN contacts AS c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
    JOIN workspaces AS w ON w.workspace_id = m.workspace_id
    WHERE m.workspace_id = %(ws)s AND m.id = ANY(%(ids)s)
"""

CLICKS = """
    SELECT t.id, t.message_id, t.position, t.at, (
        SELECT count(*) FROM message_links AS l WHERE l.workspace_id = t.workspace_id AND l.message_id = t.message_id AND l.kind = 'click')
      AS links
    FROM tracking_events AS t
    WHERE t.workspace_id = %(ws)s AND t.message_id = ANY(%(ids)s) AND t.kind = 'click' ORDER BY t.at
"""

NEIGHBOURS = """
    SELECT id, at, contact_id, origin FROM tracking_events
    WHERE workspace_id = %(ws)s AND origin = ANY(%(origins)s) AND at BETWEEN %(from)s AND %(to)s ORDER BY at
"""

# A receiving system is told by the domain of the address. Only events of the first ten minutes are in question (rule 8).
SYSTEMS = """
    WITH asked AS (
        SELECT t.id, split_part(m.recipient_normal, '@', 2) AS domain FROM tracking_events AS t
        JOIN messages AS m ON m.workspace_id = t.workspace_id AND m.id = t.message_id
        WHERE t.workspace_id = %(ws)s AND t.id = ANY(%(ids)s) AND t.at < m.accepted_at + %(first)s)
    SELECT asked.id, system.mails, system.at_once FROM asked JOIN (
        SELECT split_part(m.recipient_normal, '@', 2) AS domain, count(*) AS mails, count(*) FILTER (WHERE EXISTS (
            SELECT FROM tracking_events AS e WHERE e.workspace_id = m.workspace_id AND e.message_id = m.id
              AND e.at < m.accepted_at + %(at_once)s)) AS at_once
        FROM messages AS m
        WHERE m.workspace_id = %(ws)s AND m.state = 'sent' AND m.accepted_at > %(since)s
          AND split_part(m.recipient_normal, '@', 2) IN (SELECT domain FROM asked)
        GROUP BY 1) AS system ON system.domain = asked.domain
"""
