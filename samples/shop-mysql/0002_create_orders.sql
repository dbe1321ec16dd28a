CREATE TABLE orders (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    customer_id bigint NOT NULL,
    state ENUM ('open', 'paid') NOT NULL DEFAULT 'open',
    cents bigint NOT NULL CHECK (cents >= 0),
    placed_at datetime NOT NULL DEFAULT current_timestamp
) DEFAULT CHARACTER SET utf8mb4;
