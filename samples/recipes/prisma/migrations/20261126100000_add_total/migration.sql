ALTER TABLE sales.orders ADD COLUMN total integer;
