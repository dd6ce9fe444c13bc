"""The published lists of webhook events are what the program tells: docs/webhook-events.json and .csv, and the page that leads to them."""

import ast
import csv
import json

from architecture.tree import ROOT, python_files, tree_of
from segue.domain.events import Event
from segue.domain.webhook_events import INNER, TOLD, describe, kinds


def rows():
    return [{"type": kind, "says": describe(event)[0], "data": describe(event)[1]} for kind, event in kinds().items()]


def test_the_json_file_lists_every_event():
    assert json.loads((ROOT / "docs/webhook-events.json").read_text(encoding="utf-8")) == {"events": rows()}


def test_the_csv_file_lists_every_event():
    with (ROOT / "docs/webhook-events.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert read == [{**row, "data": " ".join(row["data"])} for row in rows()]


def test_no_module_with_facts_is_forgotten():
    """A fact in a module of its own would be told to nobody who asks for it by name."""
    with_facts = {
        name.removeprefix("src/").removesuffix(".py").replace("/", ".")
        for name in python_files("src/segue/domain/")
        if any("Event" in map(ast.unparse, each.bases) for each in ast.walk(tree_of(name)) if isinstance(each, ast.ClassDef))
    }
    known = {module.__name__ for module in TOLD} | {"segue.domain.account_events", "segue.domain.webhook_events"}
    assert with_facts <= known
    assert all(issubclass(each, Event) for each in INNER)
