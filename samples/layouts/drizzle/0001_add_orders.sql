CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users (id));
--> statement-breakpoint
CREATE INDEX orders_by_user ON orders (user_id);
