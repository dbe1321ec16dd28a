DROP VIEW IF EXISTS order_totals;
CREATE VIEW order_totals AS
SELECT customers.email, count(orders.id) AS orders, coalesce(sum(orders.cents), 0) AS cents
FROM customers LEFT JOIN orders ON orders.customer_id = customers.id
GROUP BY customers.id;
