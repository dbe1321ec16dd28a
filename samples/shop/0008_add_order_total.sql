ALTER TABLE orders ADD COLUMN total_cents INTEGER NOT NULL DEFAULT 0;

-- The backfill of what is there already.
UPDATE orders
SET total_cents = (SELECT total_cents FROM order_totals WHERE order_id = orders.id);
