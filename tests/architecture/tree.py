"""What the architecture tests read: the files of the project, and its Python as trees."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MIGRATIONS = "src/segue/db/migrations/versions/"


@cache
def all_files() -> tuple[str, ...]:
    """Return the paths of all files that are or would be committed, from the root of the project."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return tuple(sorted(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()))


def python_files(*folders: str) -> list[str]:
    """Return the Python files below the folders; migrations stay as they were released and are not judged."""
    return [name for name in all_files() if name.endswith(".py") and name.startswith(folders) and not name.startswith(MIGRATIONS)]


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), name)


def functions(name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported_modules(name: str) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every import; `from a import b` counts as `a.b`."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def called_names(name: str) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything called or decorated with, as written: `datetime.now`, `mock.patch.object`."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Attribute | ast.Name):
            yield node.lineno, ast.unparse(node)
