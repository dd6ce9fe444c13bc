"""Whether the promises hold: counted from the ledger (messages, acceptances, timeline), by SQL that shares nothing with the engine.

Local times are PostgreSQL's own, so that its zone data checks ours. A mail is judged by what held when it went: by the version and the time
zone noted on its row, and by the calendars of that day, which the timeline remembers when they change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from segue.db.tx import Tx
from segue.features.workspaces.calendars import holidays_of

ON_THE_WAY = timedelta(minutes=5)
"""A mail is prepared with the calendar of that moment and has gone at most a lease later: so long a new holiday does not hold for it."""
EVER = datetime(9999, 1, 1, tzinfo=UTC)
WHOLE_WORKSPACE = 0


def check_promises(tx: Tx) -> dict[str, int]:
    """Count breaches of the promises in the whole ledger: each must be 0.

    `sent_twice`: acceptances of a step beyond one for each enrollment, those a person ordered aside (S1, SEQ-99). `after_stop`: mails whose
    hand-off began after the enrollment had ended or the address was suppressed (S2, S4). `outside_window`: follow-ups whose hand-off began
    outside days and hours (S5).
    """
    counts = {}
    for name, statement, parameters in (
        ("sent_twice", SENT_TWICE, {}),
        ("after_stop", AFTER_STOP, {}),
        ("outside_window", OUTSIDE_WINDOW, _calendars(tx)),
    ):
        row = tx.one(statement, parameters)
        assert row is not None
        counts[name] = int(row["n"])
    return counts


@dataclass(frozen=True, slots=True)
class _Spell:
    """What one calendar said from one change of it to the next."""

    user: int
    since: datetime
    until: datetime
    said: dict[str, Any]


def _calendars(tx: Tx) -> dict[str, list[Any]]:
    """Return free dates and working weeks, each with the sender it holds for (0: everybody) and from when until when it was known."""
    span = tx.one("SELECT min(handed_at) AS first, max(handed_at) AS last FROM messages WHERE workspace_id = %(ws)s", {})
    years = range(span["first"].year - 1, span["last"].year + 2) if span and span["first"] else range(0)
    spells = list(_spells(tx))
    free = [(spell, day) for spell in spells for day in _free_dates(spell.said, years)]
    weeks = [spell for spell in spells if spell.user == WHOLE_WORKSPACE]
    return {
        "users": [spell.user for spell, _ in free],
        "days": [day for _, day in free],
        "known": [spell.since for spell, _ in free],
        "forgotten": [spell.until for spell, _ in free],
        "weeks": ["".join(str(day) for day in sorted(spell.said["working_week"])) for spell in weeks],
        "week_since": [spell.since for spell in weeks],
        "week_until": [spell.until for spell in weeks],
    }


def _spells(tx: Tx) -> Iterator[_Spell]:
    """Go back from the calendars of today through what the timeline says of their changes."""
    said = {row["id"]: row for row in tx.all(TODAY, {"everybody": WHOLE_WORKSPACE})}
    until = dict.fromkeys(said, EVER)
    for change in tx.all(CHANGES, {}):
        user = change["data"]["user_id"] or WHOLE_WORKSPACE
        yield _Spell(user, change["at"] + ON_THE_WAY, until[user], said[user])
        said[user], until[user] = change["data"]["before"], change["at"]
    for user, last in said.items():
        yield _Spell(user, datetime.min.replace(tzinfo=UTC), until[user], last)


def _free_dates(said: dict[str, Any], years: Iterable[int]) -> set[date]:
    of_calendars = {day for name in said["calendars"] for year in years for day in holidays_of(name, year) if day.year == year}
    removed = {_date(day) for day in said["removed"]}
    return (of_calendars - removed) | {_date(day) for day in said["added"]}


def _date(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


TODAY = """
    SELECT %(everybody)s AS id, holiday_calendars AS calendars, holidays AS added, holidays_removed AS removed, working_week
    FROM workspaces WHERE workspace_id = %(ws)s
    UNION ALL SELECT id, holiday_calendars, absences, '{}', '{}' FROM users WHERE workspace_id = %(ws)s
"""

CHANGES = "SELECT at, data FROM events WHERE workspace_id = %(ws)s AND kind = 'calendar_changed' ORDER BY id DESC"

SENT_TWICE = """
    SELECT COALESCE(sum(GREATEST(0, told.n - 1 - ordered.n)), 0) + (
        SELECT count(*) FROM messages AS m WHERE m.workspace_id = %(ws)s AND m.state = 'sent' AND NOT EXISTS (
            SELECT FROM accepted AS a WHERE a.workspace_id = %(ws)s AND a.message_id = m.id)) AS n
    FROM (SELECT enrollment_id, step_key, count(*) AS n FROM accepted WHERE workspace_id = %(ws)s GROUP BY enrollment_id, step_key) AS told
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM events
        WHERE workspace_id = %(ws)s AND enrollment_id = told.enrollment_id
          AND ((kind = 'email_decided' AND data ->> 'step_key' = told.step_key AND data ->> 'choice' = 'send_again')
            OR (kind = 'enrollment_moved' AND data -> 'repeats' ? told.step_key))) AS ordered
    WHERE told.n > 1
"""

# A stop is stored when its transaction commits; its time is that of its beginning. A mail handed over in between is no breach: either it
# was settled first (its timeline entry comes first) or the stop met it in flight and says so (S3).
AFTER_STOP = """
    SELECT count(*) AS n FROM messages AS m
    JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
    WHERE m.workspace_id = %(ws)s AND m.handed_at IS NOT NULL AND m.state IN ('sent', 'in_doubt', 'unknown')
      AND NOT EXISTS (SELECT FROM events AS met WHERE met.workspace_id = %(ws)s AND met.enrollment_id = e.id
                      AND met.kind = 'stop_met_message_in_flight' AND met.message_id = m.id)
      AND ((e.state NOT IN ('active', 'paused') AND m.handed_at > e.ended_at AND NOT EXISTS (
              SELECT FROM events AS sent JOIN events AS ended ON ended.workspace_id = sent.workspace_id
                AND ended.enrollment_id = sent.enrollment_id AND ended.kind = 'enrollment_ended' AND sent.id < ended.id
              WHERE sent.workspace_id = %(ws)s AND sent.enrollment_id = e.id AND sent.kind = 'email_sent' AND sent.message_id = m.id))
        OR EXISTS (SELECT FROM suppressions AS s
                   WHERE s.workspace_id = %(ws)s AND s.created_at < m.handed_at
                     AND ((s.kind = 'address' AND s.value = m.recipient_normal)
                       OR (s.kind = 'domain' AND s.value = split_part(m.recipient_normal, '@', 2)))
                     AND NOT EXISTS (SELECT FROM events AS sent JOIN events AS listed ON listed.workspace_id = sent.workspace_id
                         AND listed.kind = 'address_suppressed' AND listed.data ->> 'value' = s.value AND sent.id < listed.id
                       WHERE sent.workspace_id = %(ws)s AND sent.kind = 'email_sent' AND sent.message_id = m.id)))
"""

# Exempt is the first email alone, as long as nothing was sent before it (SEQ-81). IS NOT TRUE: what cannot be told is a breach.
OUTSIDE_WINDOW = """
    WITH free AS MATERIALIZED (
        SELECT * FROM unnest(%(users)s::bigint[], %(days)s::date[], %(known)s::timestamptz[], %(forgotten)s::timestamptz[])
            AS f(user_id, day, known, forgotten)),
    week AS MATERIALIZED (
        SELECT * FROM unnest(%(weeks)s::text[], %(week_since)s::timestamptz[], %(week_until)s::timestamptz[]) AS w(days, since, until)),
    mail AS (
        SELECT m.handed_at, m.handed_at AT TIME ZONE COALESCE(NULLIF(m.timezone, ''), e.timezone) AS local, m.user_id,
            v.content -> 'settings' AS settings,
            m.first_email AND NOT EXISTS (
                SELECT FROM messages AS earlier WHERE earlier.workspace_id = m.workspace_id AND earlier.enrollment_id = m.enrollment_id
                  AND earlier.state = 'sent' AND earlier.handed_at < m.handed_at AND earlier.step_key <> m.step_key) AS first
        FROM messages AS m
        JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
        JOIN sequence_versions AS v ON v.workspace_id = e.workspace_id AND v.sequence_id = e.sequence_id
          AND v.version = COALESCE(NULLIF(m.version, 0), e.version)
        WHERE m.workspace_id = %(ws)s AND m.handed_at IS NOT NULL AND m.state IN ('sent', 'in_doubt', 'unknown'))
    SELECT count(*) AS n FROM mail
    WHERE NOT (mail.first AND NOT (mail.settings ->> 'hold_first_email')::bool)
      AND (extract(hour FROM local) * 60 + extract(minute FROM local) >= (mail.settings ->> 'window_start_minute')::int
           AND extract(hour FROM local) * 60 + extract(minute FROM local) < (mail.settings ->> 'window_end_minute')::int
           AND NOT EXISTS (SELECT FROM free WHERE free.user_id IN (0, mail.user_id) AND free.day = local::date
                           AND mail.handed_at >= free.known AND mail.handed_at < free.forgotten)
           AND (mail.settings ->> 'days' = 'EVERYDAY' OR EXISTS (
                  SELECT FROM week WHERE strpos(week.days, (extract(isodow FROM local)::int - 1)::text) > 0
                    AND mail.handed_at >= week.since - interval '5 minutes'
                    AND mail.handed_at < week.until + interval '5 minutes'))) IS NOT TRUE
"""
