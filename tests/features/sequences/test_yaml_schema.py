"""The printed schema is the one that is used, and it accepts what the loader accepts."""

from pathlib import Path

from hypothesis import given
from jsonschema import Draft202012Validator

from domain.sequences import valid_sequences
from segue.domain.steps import STEP_TYPES
from segue.features.sequences import schema
from segue.features.sequences.yaml_file import dump_sequence
from segue.features.sequences.yaml_tree import read_tree

PRINTED = Path(__file__).parents[3] / "docs" / "sequence.schema.json"


def test_the_printed_schema_is_current():
    """If this fails: `python -m segue.features.sequences.schema > docs/sequence.schema.json`."""
    assert PRINTED.read_text(encoding="utf-8") == schema.render()


def test_the_schema_is_one():
    Draft202012Validator.check_schema(schema.SEQUENCE)


def test_every_step_type_can_be_written_in_a_file():
    assert set(STEP_TYPES) <= set(schema.STEP["properties"])


@given(valid_sequences)
def test_the_schema_accepts_every_exported_file(valid):
    assert Draft202012Validator(schema.SEQUENCE).is_valid(read_tree(dump_sequence(valid), source="x").value)
