"""Every rule of sequences.md has one case that fires and one that does not, or says which part of the product it waits for."""

import ast
from functools import cache

import pytest

from architecture.tree import ROOT
from rules.register import LAST, REGISTER, read


@cache
def names_in(name: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / name).read_text(encoding="utf-8"), name)
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def is_there(proof: str) -> bool:
    name, _, test = proof.partition("::")
    return (ROOT / "tests" / name).is_file() and test in names_in(name)


def test_every_rule_has_both_its_cases_or_says_what_it_waits_for():
    register = read(REGISTER.read_text(encoding="utf-8"))
    assert list(register) == list(range(1, LAST + 1)), "a rule is missing or stands in another's place"
    bare = [number for number, proof in register.items() if proof.half or not (proof.whole or proof.later)]
    assert not bare, f"half proven or not at all: {bare}"


def test_every_test_that_the_register_names_is_there():
    register = read(REGISTER.read_text(encoding="utf-8"))
    named = {each for proof in register.values() for each in (*proof.fires, *proof.spares)}
    gone = sorted(each for each in named if not is_there(each))
    assert not gone, "\n".join(gone)


def test_every_test_of_a_rule_here_is_in_the_register():
    named = {each for proof in read(REGISTER.read_text(encoding="utf-8")).values() for each in (*proof.fires, *proof.spares)}
    here = {
        f"rules/{path.name}::{test}"
        for path in (ROOT / "tests/rules").glob("test_section*.py")
        for test in names_in(f"rules/{path.name}")
        if test.startswith("test_seq_")
    }
    assert not here - named, sorted(here - named)


@pytest.mark.parametrize("text", ["SEQ-1\nSEQ-1\n", "  fires x::y\n", "SEQ-1\n  perhaps x::y\n"])
def test_a_line_that_says_nothing_is_refused(text):
    with pytest.raises(ValueError, match="what does this line say"):
        read(text)


def test_a_test_that_is_not_there_is_noticed():
    assert is_there("rules/test_register.py::test_a_test_that_is_not_there_is_noticed")
    assert not is_there("rules/test_register.py::test_of_nothing")
    assert not is_there("rules/nowhere.py::test_of_nothing")
