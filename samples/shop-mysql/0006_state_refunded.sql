ALTER TABLE orders MODIFY state ENUM ('open', 'paid', 'refunded') NOT NULL DEFAULT 'open';
