-- Each statement commits by itself and is recorded; a start that is killed in between goes on with the next one.
ALTER TABLE orders ADD COLUMN changed_at datetime;

DELIMITER //
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW
BEGIN
    SET NEW.changed_at = current_timestamp;
END //
DELIMITER ;
