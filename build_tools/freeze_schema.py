"""Write the SQL that makes new tables as the code of this moment declares them: the start of a migration's `.sql` file.

Run: python build_tools/freeze_schema.py TABLE... > src/segue/db/migrations/versions/NNNN_name.sql
"""

import sys
from collections.abc import Sequence

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from segue.db.migrate import fences
from segue.db.tables import metadata


def statements(names: Sequence[str]) -> list[str]:
    """Return every statement in order: tables, their indexes, then fences and grants."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    made: list[str] = []
    for table in (table for table in metadata.sorted_tables if table.name in names):
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        made += [str(CreateIndex(index).compile(dialect=dialect)).strip() for index in sorted(table.indexes, key=lambda i: str(i.name))]
    return [*made, *(statement.strip() for statement in fences(names))]


if __name__ == "__main__":
    print("\n--;;\n".join(statements(sys.argv[1:])))
