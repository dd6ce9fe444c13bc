"""Outgoing webhooks: endpoints, deliveries, and the trigger that puts a delivery beside each fact (L7)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
