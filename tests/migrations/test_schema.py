"""A migrated database is exactly what the tables of the code say (architecture.md §8): a column added without its migration fails here."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from segue.db.functions import FUNCTIONS
from segue.db.tables import metadata


def test_the_migrated_schema_is_the_schema_of_the_code(db_urls) -> None:
    engine = create_engine(db_urls.owner_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert not differences


def test_the_migrated_functions_are_those_of_the_code(db_urls) -> None:
    engine = create_engine(db_urls.owner_url.replace("postgresql://", "postgresql+psycopg://", 1))
    bodies = "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'segue%' ORDER BY proname"
    with engine.connect() as connection:
        before = connection.execute(text(bodies)).fetchall()
        for function in FUNCTIONS:
            connection.exec_driver_sql(function.replace("%", "%%"))
        after = connection.execute(text(bodies)).fetchall()
    engine.dispose()
    assert before == after
    assert len(before) == len(FUNCTIONS)
