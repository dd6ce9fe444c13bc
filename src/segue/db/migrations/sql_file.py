"""A migration's SQL stands in a file beside it, frozen: what a released migration does never changes with the code."""

from pathlib import Path

from alembic import op


def run_sql_beside(migration: str) -> None:
    """Run the statements of the `.sql` file beside this migration, which are parted by lines of `--;;`."""
    for statement in Path(migration).with_suffix(".sql").read_text(encoding="utf-8").split("\n--;;\n"):
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
