"""create customers

Revision ID: 2f1c8a90d4b1
Revises: None
"""
import sqlalchemy as sa
from alembic import op

revision = "2f1c8a90d4b1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("customers")
