"""Which properties a workspace's contacts have, and defining more of them."""

from collections.abc import Mapping
from dataclasses import replace

from segue.db.tx import Tx
from segue.domain.errors import Conflict, Invalid
from segue.domain.properties import BUILT_IN, Kind, Property, ValueProblem, make_property, written_form

SHOWN = 3
BATCH = 10_000


def load_properties(tx: Tx) -> dict[str, Property]:
    """Return every property that can be set, by name: the built-in ones and the workspace's own. The choices of `owner` are the users."""
    users = tuple(row["email"] for row in tx.all("SELECT email FROM users WHERE workspace_id = %(ws)s AND active ORDER BY email", {}))
    rows = tx.all("SELECT name, label, kind, choices FROM property_definitions WHERE workspace_id = %(ws)s ORDER BY name", {})
    own = {row["name"]: Property(row["name"], row["label"], Kind(row["kind"]), tuple(row["choices"])) for row in rows}
    return {**BUILT_IN, "owner": replace(BUILT_IN["owner"], choices=users), **own}


def add_property(tx: Tx, name: str, label: str, kind: str, choices: tuple[str, ...] = ()) -> Property:
    """Define a property, or give one a type that was text so far; values that are there already are brought into the type's form.

    Raises:
        Invalid: the definition is not sound, or contacts have values that do not fit.
        Conflict: the property is there with another type.
    """
    made = make_property(name, label, kind, choices)
    known = load_properties(tx).get(made.name)
    if known is not None and known.kind not in (Kind.TEXT, made.kind):
        raise Conflict(f"{made.name} is there already, as {known.kind.value}.", hint="Choose another name.")
    if made.kind is not Kind.TEXT:
        _convert(tx, made)
    tx.run(
        """INSERT INTO property_definitions (workspace_id, name, label, kind, choices, created_at)
           VALUES (%(ws)s, %(name)s, %(label)s, %(kind)s, %(choices)s, %(now)s)
           ON CONFLICT (workspace_id, name) DO UPDATE SET label = excluded.label, kind = excluded.kind, choices = excluded.choices""",
        {"name": made.name, "label": made.label, "kind": made.kind.value, "choices": list(made.choices), "now": tx.now},
    )
    return made


def define_texts(tx: Tx, labels: Mapping[str, str]) -> None:
    """Define properties of the type text by name and label, as far as they are not defined yet."""
    tx.run(
        """INSERT INTO property_definitions (workspace_id, name, label, kind, created_at)
           SELECT %(ws)s, name, label, 'text', %(now)s FROM unnest(%(names)s::text[], %(labels)s::text[]) AS new(name, label)
           ORDER BY name ON CONFLICT DO NOTHING""",
        {"names": list(labels), "labels": [label[:200] or name for name, label in labels.items()], "now": tx.now},
    )


def _convert(tx: Tx, made: Property) -> None:
    """Bring the values that contacts have into the form of the type, or refuse it with examples of those that do not fit."""
    rows = tx.all(
        """SELECT properties ->> %(name)s AS value, count(*) AS n FROM contacts
           WHERE workspace_id = %(ws)s AND properties ? %(name)s GROUP BY 1 ORDER BY 2 DESC, 1""",
        {"name": made.name},
    )
    forms: dict[str, str] = {}
    unfit: list[tuple[str, int]] = []
    for row in rows:
        try:
            forms[row["value"]] = written_form(made, row["value"])
        except ValueProblem:
            unfit.append((row["value"], row["n"]))
    if unfit:
        examples = ", ".join(f'"{value[:60]}"' for value, _ in unfit[:SHOWN])
        message = f"{sum(n for _, n in unfit):,} contacts have a value of {made.name} that is no {made.kind.value}, such as {examples}."
        raise Invalid(message, hint="Correct these values first, or define it as text.", field="type")
    changed = [(old, new) for old, new in forms.items() if old != new]
    for start in range(0, len(changed), BATCH):
        part = changed[start : start + BATCH]
        tx.run(
            """UPDATE contacts AS c SET properties = jsonb_set(c.properties, ARRAY[%(name)s], to_jsonb(form.new)), updated_at = %(now)s
               FROM unnest(%(old)s::text[], %(new)s::text[]) AS form(old, new)
               WHERE c.workspace_id = %(ws)s AND c.properties ? %(name)s AND c.properties ->> %(name)s = form.old""",
            {"name": made.name, "old": [old for old, _ in part], "new": [new for _, new in part], "now": tx.now},
        )
