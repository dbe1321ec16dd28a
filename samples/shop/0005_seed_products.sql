INSERT INTO products (sku, title, price_cents, stock) VALUES
    ('TEA-001', 'Green tea, 100 g', 690, 40),
    ('TEA-002', 'Oolong, 50 g; hand-rolled', 1250, 12),
    ('POT-001', 'Teapot, 0.6 l', 3900, 5);

INSERT INTO customers (email, name) VALUES
    ('ada@example.com', 'Ada'),
    ('grace@example.com', 'Grace');

INSERT INTO orders (customer_id) VALUES (1), (2);

INSERT INTO order_items (order_id, product_id, quantity) VALUES (1, 1, 2), (1, 3, 1), (2, 2, 1);
