"""Write the SQL that the tables and policies of this moment stand for: the text of the first migration.

Run: python build_tools/freeze_schema.py > src/segue/db/migrations/versions/0001_first.sql
"""

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from segue.db.migrate import policies
from segue.db.tables import metadata


def statements() -> list[str]:
    """Return every statement in order: tables, their indexes, then fences, functions and grants."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    made: list[str] = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        made += [str(CreateIndex(index).compile(dialect=dialect)).strip() for index in sorted(table.indexes, key=lambda i: str(i.name))]
    return [*made, *(statement.strip() for statement in policies())]


if __name__ == "__main__":
    print("\n--;;\n".join(statements()))
