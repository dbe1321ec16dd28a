-- migrationhost: transaction=none
-- Writers go on while it is built; it cannot run in a transaction.
CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer_id, placed_at);
