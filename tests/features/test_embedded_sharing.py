"""The tests' own databases, and several processes on one embedded server (engine.md §1)."""

import psycopg


def test_every_test_gets_a_migrated_database_of_its_own(db_urls):
    with psycopg.connect(db_urls.owner_url) as owner:
        assert owner.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone() == (True,)
    with psycopg.connect(db_urls.app_url) as app:
        assert app.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone() == (
            "segue_app", False, False)  # fmt: skip
