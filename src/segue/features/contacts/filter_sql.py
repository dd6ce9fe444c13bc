"""A filter as a condition of SQL. Names become expressions from a closed list, values are always parameters."""

from collections.abc import Mapping
from typing import Any

from segue.domain.contact_filter import Both, Condition, Either, Filter, Not
from segue.domain.properties import FIELDS, Kind

_COLUMNS = {each.name for each in FIELDS}
_NUMBER = "^[+-]?[0-9]+(\\.[0-9]+)?$"

_OPEN = "e.state IN ('active', 'paused')"
_ISO = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""


def _of_enrollments(what: str, where: str = "true") -> str:
    return f"(SELECT {what} FROM enrollments AS e WHERE e.workspace_id = c.workspace_id AND e.contact_id = c.id AND {where})"


def _of_events(what: str, *kinds: str, more: str = "true") -> str:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        f"(SELECT {what} FROM events AS v WHERE v.workspace_id = c.workspace_id AND v.contact_id = c.id AND v.kind IN ({named}) AND {more})"
    )


def _of_tracking(kind: str) -> str:
    return (
        f"(SELECT {_ISO.format('max(t.at)')} FROM tracking_events AS t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id"
        f" AND t.kind = '{kind}' AND t.verdict = 'human')"
    )


ENGINE_WRITTEN = {
    "hs_sequences_is_enrolled": f"CASE WHEN {_of_enrollments('count(*)', _OPEN)} > 0 THEN 'true' ELSE 'false' END",
    "hs_sequences_actively_enrolled_count": f"{_of_enrollments('count(*)', _OPEN)}::text",
    "hs_sequences_enrolled_count": f"{_of_enrollments('count(*)')}::text",
    "hs_latest_sequence_enrolled": _of_enrollments("(array_agg(e.sequence_id ORDER BY e.enrolled_at DESC, e.id DESC))[1]::text"),
    "hs_latest_sequence_enrolled_date": _of_enrollments(_ISO.format("max(e.enrolled_at)")),
    "hs_latest_sequence_ended_date": _of_enrollments(_ISO.format("max(e.ended_at)")),
    "hs_latest_sequence_finished_date": _of_enrollments(_ISO.format("max(e.ended_at)"), "e.state = 'finished'"),
    "hs_latest_sequence_unenrolled_date": _of_enrollments(_ISO.format("max(e.ended_at)"), "e.state IN ('unenrolled', 'failed')"),
    "hs_sales_email_last_opened": _of_tracking("open"),
    "hs_sales_email_last_clicked": _of_tracking("click"),
    "hs_sales_email_last_replied": _of_events(_ISO.format("max(v.at)"), "reply_received", "contact_wrote"),
    "hs_returning_to_office_detected_date": _of_events(
        "(array_agg(v.data ->> 'return_date' ORDER BY v.id DESC))[1]", "auto_reply_received", more="v.data ->> 'return_date' <> ''"
    ),
    "segue_last_unenroll_reason": _of_enrollments("(array_agg(e.reason ORDER BY e.ended_at DESC, e.id DESC))[1]", "e.reason <> ''"),
}
"""What the engine writes about a contact (SEQ-173), as expressions over the rows that already say it: never late, never wrong."""


def to_sql(made: Filter) -> tuple[str, dict[str, Any]]:
    """Return a condition on `contacts AS c` and its parameters, whose names begin with `f`."""
    parameters: dict[str, Any] = {}
    return _write(made, parameters), parameters


def _write(made: Filter, parameters: dict[str, Any]) -> str:
    if isinstance(made, Not):
        return f"(NOT {_write(made.inner, parameters)})"
    if isinstance(made, Both | Either):
        word = "AND" if isinstance(made, Both) else "OR"
        return f"({_write(made.left, parameters)} {word} {_write(made.right, parameters)})"
    return _condition(made, parameters)


def _condition(asked: Condition, parameters: dict[str, Any]) -> str:
    if asked.name == "list":
        return _on_list(asked, parameters)
    expression = _expression(asked, parameters)
    if asked.operator in ("empty", "filled"):
        return f"({expression} {'=' if asked.operator == 'empty' else '<>'} '')"
    if asked.operator in ("contains", "starts"):
        value = _put(parameters, asked.values[0].lower())
        return f"(strpos(lower({expression}), {value}) {'> 0' if asked.operator == 'contains' else '= 1'})"
    if asked.kind is Kind.NUMBER:
        value = _put(parameters, list(asked.values))
        guarded = f"CASE WHEN {expression} ~ '{_NUMBER}' THEN ({expression})::numeric END"
        if asked.operator in ("=", "in", "!="):
            found = f"COALESCE({guarded} = ANY({value}::numeric[]), false)"
            return f"(NOT {found})" if asked.operator == "!=" else found
        return f"COALESCE({guarded} {asked.operator} ({value}::numeric[])[1], false)"
    values = _put(parameters, [each.lower() for each in asked.values])
    if asked.operator in ("=", "in", "!="):
        found = f"(lower({expression}) = ANY({values}::text[]))"
        return f"(NOT {found})" if asked.operator == "!=" else found
    value = _put(parameters, asked.values[0])
    return f"""({expression} <> '' AND {expression} COLLATE "C" {asked.operator} {value} COLLATE "C")"""


def _expression(asked: Condition, parameters: dict[str, Any]) -> str:
    """Return the text of a property; empty where there is none."""
    if asked.name == "country":
        return "(CASE WHEN c.country_code <> '' THEN c.country_code ELSE c.country END)"
    if asked.name in _COLUMNS:
        return f"c.{asked.name}"
    if asked.name in ("created", "updated"):
        return _ISO.format(f"c.{asked.name}_at")
    if asked.name in ENGINE_WRITTEN:
        return f"COALESCE({ENGINE_WRITTEN[asked.name]}, '')"
    return f"COALESCE(c.properties ->> {_put(parameters, asked.name)}, '')"


def _on_list(asked: Condition, parameters: dict[str, Any]) -> str:
    named = _put(parameters, asked.values[0].lower() if asked.values else "")
    which = f"AND lower(l.name) = {named}" if asked.values else ""
    found = f"""EXISTS (SELECT FROM contact_list_members AS m
        JOIN contact_lists AS l ON l.workspace_id = m.workspace_id AND l.id = m.list_id
        WHERE m.workspace_id = c.workspace_id AND m.contact_id = c.id {which})"""
    return f"(NOT {found})" if asked.operator in ("!=", "empty") else found


def _put(parameters: dict[str, Any], value: Any) -> str:
    name = f"f{len(parameters)}"
    parameters[name] = value
    return f"%({name})s"


def values_of(names: Mapping[str, str]) -> str:
    """Return the select list that reads engine-written properties under their names."""
    return ", ".join(f"COALESCE({expression}, '') AS {name}" for name, expression in names.items())
