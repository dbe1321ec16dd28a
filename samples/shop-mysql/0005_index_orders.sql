-- Writers go on while it is built; they wait at its beginning and end only.
CREATE INDEX orders_by_customer ON orders (customer_id, placed_at) ALGORITHM=INPLACE LOCK=NONE;
