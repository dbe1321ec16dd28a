"""create order lines

Revision ID: c6d82b4e91f5
Revises: b3e9105f7a24
"""
import sqlalchemy as sa
from alembic import op

revision = "c6d82b4e91f5"
down_revision = "b3e9105f7a24"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Integer(), sa.ForeignKey("orders.id"), primary_key=True),
        sa.Column("product_id", sa.Integer(), sa.ForeignKey("products.id"), primary_key=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("order_lines")
