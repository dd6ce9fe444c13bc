"""Small enough to be read at once (architecture §7): file at most 400 lines, function at most 40, at most 6 parameters."""

import ast

from architecture.tree import ROOT, functions, python_files

FOLDERS = ("src/", "tests/", "bench/", "build_tools/")


def test_no_file_is_longer_than_400_lines():
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in python_files(*FOLDERS)}
    too_long = [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > 400]
    assert not too_long, "\n".join(too_long)


def test_no_function_is_longer_than_40_lines():
    too_long = [
        f"{name}:{found.lineno} {found.name}: {found.end_lineno - found.lineno + 1} lines"
        for name in python_files(*FOLDERS)
        for found in functions(name)
        if found.end_lineno - found.lineno + 1 > 40
    ]
    assert not too_long, "\n".join(too_long)


def test_no_function_takes_more_than_6_parameters():
    too_many = [
        f"{name}:{found.lineno} {found.name}: {parameters(found)} parameters"
        for name in python_files(*FOLDERS)
        for found in functions(name)
        if parameters(found) > 6
    ]
    assert not too_many, "\n".join(too_many)


def parameters(function):
    """Count what a caller must know; `self` and `cls` are not among it."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return sum(argument.arg not in ("self", "cls") for argument in named)


def test_the_count_of_parameters_sees_every_kind():
    function = ast.parse("def f(self, a, /, b, *c, d, **e): pass").body[0]
    assert parameters(function) == 5
