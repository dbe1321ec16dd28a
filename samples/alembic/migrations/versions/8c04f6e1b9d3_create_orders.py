"""create orders

Revision ID: 8c04f6e1b9d3
Revises: 5b7e3d12c6a8
"""
import sqlalchemy as sa
from alembic import op

revision = "8c04f6e1b9d3"
down_revision = "5b7e3d12c6a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("customer_id", sa.Integer(), sa.ForeignKey("customers.id"), nullable=False),
        sa.Column("placed_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("orders")
