-- No DDL: this file is one transaction with its row in the history.
INSERT INTO customers (email, name) VALUES ('ada@example.com', 'Ada'), ('grace@example.com', 'Grace');
INSERT INTO orders (customer_id, cents) SELECT id, 100 * id FROM customers;
