-- migrationhost: transaction=none
-- A new value can be used only after it is committed.
ALTER TYPE order_state ADD VALUE 'refunded';
UPDATE orders SET state = 'refunded' WHERE cents = 0;
