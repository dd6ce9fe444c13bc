"""HubSpot's search of contacts as Segue's own filters."""

from datetime import UTC, datetime
from functools import reduce
from typing import Any

from segue.db.tx import Tx
from segue.domain.contact_filter import Both, Condition, Either, Filter, Not
from segue.domain.properties import ENGINE_WRITTEN, Kind, Property
from segue.features.contacts.filter_sql import to_sql
from segue.features.contacts.properties import load_properties
from segue.features.hubspot.contact_shapes import NAMES, own_name
from segue.features.hubspot.wire import Document, bad

GROUPS_MOST, FILTERS_MOST, ALL_MOST = 5, 10, 25
COMPARED = {"EQ": "=", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
DATES = {"createdate": "created", "lastmodifieddate": "updated"}
SORTED = {"createdate": "c.created_at", "lastmodifieddate": "c.updated_at", "email": "c.email", "hs_object_id": "c.id"}
SORTED |= {theirs: f"c.{ours}" for theirs, ours in NAMES.items() if ours in ("first_name", "last_name")} | {"company": "c.company"}


def search_ids(tx: Tx, body: Document, offset: int, limit: int) -> tuple[list[int], int]:
    """Return the ids of a page and how many there are. Raises WireError."""
    known = {**load_properties(tx), **ENGINE_WRITTEN}
    made = _groups(body.get("filterGroups") or [], known)
    condition, parameters = to_sql(made) if made is not None else ("true", {})
    query = body.get("query") or ""
    if not isinstance(query, str):
        raise bad("query", "query must be a text.")
    rows = tx.all(
        f"""SELECT c.id, count(*) OVER () AS total FROM contacts AS c
            WHERE c.workspace_id = %(ws)s AND c.deleted_at IS NULL AND c.erased_at IS NULL AND {condition}
              AND (%(query)s = '' OR strpos(lower(concat_ws(' ', c.email, c.first_name, c.last_name, c.company)), lower(%(query)s)) > 0)
            ORDER BY {_order(body.get("sorts") or [])}, c.id LIMIT %(limit)s OFFSET %(offset)s""",
        {**parameters, "query": query.strip(), "limit": limit, "offset": offset},
    )
    return [row["id"] for row in rows], rows[0]["total"] if rows else 0


def _order(sorts: Any) -> str:
    if not isinstance(sorts, list) or not sorts:
        return "c.id"
    first = sorts[0]
    name = first.get("propertyName", "") if isinstance(first, dict) else str(first)
    down = (isinstance(first, dict) and first.get("direction") == "DESCENDING") or name.startswith("-")
    if name.lstrip("-") not in SORTED:
        raise bad("sorts", f"Contacts can be sorted by {', '.join(sorted(SORTED))}.")
    return f"{SORTED[name.lstrip('-')]} {'DESC' if down else 'ASC'}"


def _groups(groups: Any, known: dict[str, Property]) -> Filter | None:
    if not isinstance(groups, list) or len(groups) > GROUPS_MOST:
        raise bad("filterGroups", f"filterGroups is a list of at most {GROUPS_MOST}.")
    made = []
    for number, group in enumerate(groups):
        filters = group.get("filters") if isinstance(group, dict) else None
        where = f"filterGroups[{number}].filters"
        if not isinstance(filters, list) or not 1 <= len(filters) <= FILTERS_MOST:
            raise bad(where, f"A group has 1 to {FILTERS_MOST} filters.")
        made.append([_one(each, known, f"{where}[{i}]") for i, each in enumerate(filters)])
    if sum(map(len, made)) > ALL_MOST:
        raise bad("filterGroups", f"A search has at most {ALL_MOST} filters.")
    either = [reduce(Both, group) for group in made]
    return reduce(Either, either) if either else None


def _one(given: Any, known: dict[str, Property], where: str) -> Filter:
    if not isinstance(given, dict):
        raise bad(where, "A filter is an object with propertyName, operator and value.")
    name, operator = str(given.get("propertyName", "")), str(given.get("operator", ""))
    ours = DATES.get(name) or own_name(name)
    kind = Kind.DATETIME if name in DATES else known[ours].kind if ours in known else None
    if kind is None:
        raise bad(f"{where}.propertyName", f"There is no property {name}.", code="PROPERTY_DOESNT_EXIST")

    def ask(sign: str, *values: Any) -> Condition:
        return Condition(ours, kind or Kind.TEXT, sign, tuple(_value(each, kind, where) for each in values))

    value = given.get("value")
    if operator in COMPARED:
        return ask(COMPARED[operator], value)
    if operator == "NEQ":
        return Not(ask("=", value))
    if operator == "BETWEEN":
        return Both(ask(">=", value), ask("<=", given.get("highValue")))
    if operator in ("IN", "NOT_IN"):
        values = given.get("values")
        if not isinstance(values, list) or not values:
            raise bad(f"{where}.values", "values is missing.")
        return ask("in", *values) if operator == "IN" else Not(ask("in", *values))
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return ask("filled" if operator == "HAS_PROPERTY" else "empty")
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        found = ask("contains", str(value).strip("*") if isinstance(value, str) else value)
        return found if operator == "CONTAINS_TOKEN" else Not(found)
    raise bad(f"{where}.operator", f"There is no operator {operator}.")


def _value(given: Any, kind: Kind | None, where: str) -> str:
    """Return a value in the written form of its type; dates may come in milliseconds or as ISO (HSA-54)."""
    if isinstance(given, bool) or not isinstance(given, str | int | float) or given == "":
        raise bad(f"{where}.value", "value is missing. Send it as a string.")
    text = str(given)
    if kind not in (Kind.DATETIME, Kind.DATE):
        return text
    try:
        at = datetime.fromtimestamp(int(text) / 1000, UTC) if text.lstrip("-").isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise bad(f"{where}.value", f"{text} is no date. Send milliseconds or ISO 8601.") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.date().isoformat() if kind is Kind.DATE else at.astimezone(UTC).isoformat(timespec="seconds")
