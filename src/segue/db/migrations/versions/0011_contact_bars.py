"""Nothing of the tables: the gate learns to ask for deleted and erased contacts and for consent (functions are made anew)."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
