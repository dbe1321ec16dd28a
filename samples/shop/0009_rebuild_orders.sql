-- SQLite cannot add a CHECK to a table, so the table is built anew: https://www.sqlite.org/lang_altertable.html#otheralter
-- order_items refers to it with ON DELETE CASCADE and keeps its rows, since foreign keys are not enforced while this runs.
DROP VIEW order_totals;

CREATE TABLE new_orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    placed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent')),
    total_cents INTEGER NOT NULL DEFAULT 0 CHECK (total_cents >= 0)
);

INSERT INTO new_orders (id, customer_id, placed_at, state, total_cents)
SELECT id, customer_id, placed_at, state, total_cents FROM orders;

DROP TABLE orders;
ALTER TABLE new_orders RENAME TO orders;

CREATE INDEX orders_by_customer ON orders (customer_id, placed_at);

CREATE VIEW order_totals AS
SELECT o.id AS order_id, o.customer_id, sum(i.quantity * p.price_cents) AS total_cents
FROM orders AS o
JOIN order_items AS i ON i.order_id = o.id
JOIN products AS p ON p.id = i.product_id
GROUP BY o.id, o.customer_id;
