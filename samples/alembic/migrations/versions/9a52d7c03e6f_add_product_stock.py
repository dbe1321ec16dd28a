"""add product stock

Revision ID: 9a52d7c03e6f
Revises: 5b7e3d12c6a8
"""
import sqlalchemy as sa
from alembic import op

revision = "9a52d7c03e6f"
down_revision = "5b7e3d12c6a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("products") as products:
        products.add_column(sa.Column("stock", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("products") as products:
        products.drop_column("stock")
