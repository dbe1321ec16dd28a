"""create products

Revision ID: 5b7e3d12c6a8
Revises: 2f1c8a90d4b1
"""
import sqlalchemy as sa
from alembic import op

revision = "5b7e3d12c6a8"
down_revision = "2f1c8a90d4b1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("price", sa.Numeric(10, 2), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("products")
