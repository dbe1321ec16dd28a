-- Not validated: the table is locked for a moment only. The next migration validates while others write.
ALTER TABLE orders ADD COLUMN parent_id bigint;
ALTER TABLE orders ADD CONSTRAINT orders_parent FOREIGN KEY (parent_id) REFERENCES orders NOT VALID;
