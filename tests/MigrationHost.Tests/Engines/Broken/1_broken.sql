-- A resource that has an error.
CREATE TABLE users (id INTEGER);
CREATE TABEL orders (id INTEGER);
