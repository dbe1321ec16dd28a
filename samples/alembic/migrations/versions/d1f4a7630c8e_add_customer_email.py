"""add customer email

Revision ID: d1f4a7630c8e
Revises: c6d82b4e91f5
"""
import sqlalchemy as sa
from alembic import op

revision = "d1f4a7630c8e"
down_revision = "c6d82b4e91f5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customers") as customers:
        customers.add_column(sa.Column("email", sa.String(254), nullable=True))
        customers.create_index("ix_customers_email", ["email"])


def downgrade() -> None:
    with op.batch_alter_table("customers") as customers:
        customers.drop_index("ix_customers_email")
        customers.drop_column("email")
