"""merge orders and stock

Revision ID: b3e9105f7a24
Revises: 8c04f6e1b9d3, 9a52d7c03e6f
"""
import sqlalchemy as sa
from alembic import op

revision = "b3e9105f7a24"
down_revision = ("8c04f6e1b9d3", "9a52d7c03e6f")
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
