"""seed products

Revision ID: e7b360d95c1a
Revises: d1f4a7630c8e
"""
import sqlalchemy as sa
from alembic import op

revision = "e7b360d95c1a"
down_revision = "d1f4a7630c8e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.bulk_insert(
        sa.table("products", sa.column("name", sa.String), sa.column("price", sa.Numeric)),
        [{"name": "Tea", "price": 3.5}, {"name": "Coffee", "price": 4.2}],
    )


def downgrade() -> None:
    op.execute("DELETE FROM products WHERE name IN ('Tea', 'Coffee')")
