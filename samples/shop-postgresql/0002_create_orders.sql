CREATE TYPE order_state AS ENUM ('open', 'paid');

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    state order_state NOT NULL DEFAULT 'open',
    cents bigint NOT NULL CHECK (cents >= 0),
    placed_at timestamptz NOT NULL DEFAULT now()
);
