"""The base of all table rows. Rows never leave `store.py` and `queries.py` (D4).

Each table has `workspace_id` first in its primary key and a row-level policy (D11). Instants are aware UTC by the engine's clock; the
columns named `lease_until`, `claimed_until` and `attempted_at` alone follow the database's clock (H6).
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, Float, ForeignKeyConstraint, Integer, Interval, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, DATE, JSONB
from sqlalchemy.orm import DeclarativeBase

HOT = {"postgresql_with": {"fillfactor": "85", "autovacuum_vacuum_scale_factor": "0.02", "autovacuum_vacuum_cost_delay": "0"}}
"""Storage of hot tables (engine.md §2: aggressive autovacuum keeps claims flat)."""


class Row(DeclarativeBase):
    """Base of all rows."""

    type_annotation_map = {  # noqa: RUF012  declared by SQLAlchemy as a plain class attribute
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        date: DATE(),
        timedelta: Interval(),
        bytes: LargeBinary(),
        bool: Boolean(),
        float: Float(),
        dict[str, Any]: JSONB(),
        list[str]: ARRAY(Text()),
        list[int]: ARRAY(Integer()),
        list[date]: ARRAY(DATE()),
    }


def tenant(table: str, column: str) -> ForeignKeyConstraint:
    """Return the foreign key from (workspace_id, column) to a table of the same workspace, so that rows cannot cross tenants."""
    return ForeignKeyConstraint(["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"])
