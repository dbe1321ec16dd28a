-- migrate:up
ALTER TABLE orders ADD COLUMN total integer;

-- migrate:down
ALTER TABLE orders DROP COLUMN total;
