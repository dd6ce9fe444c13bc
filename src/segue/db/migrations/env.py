"""Alembic's entry: one connection, one transaction for each migration, a short wait for locks."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from segue.db.tables import metadata

url = context.config.attributes["url"].replace("postgresql://", "postgresql+psycopg://", 1)
engine = create_engine(url, poolclass=pool.NullPool)
with engine.connect() as connection:
    connection.execute(text("SET lock_timeout = '2s'"))
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
