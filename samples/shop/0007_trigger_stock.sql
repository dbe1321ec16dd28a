-- The semicolons inside the body do not end the statement.
CREATE TRIGGER order_items_take_stock AFTER INSERT ON order_items
BEGIN
    UPDATE products SET stock = stock - new.quantity WHERE id = new.product_id;
    SELECT raise(ABORT, 'out of stock; order less') FROM products WHERE id = new.product_id AND stock < 0;
END;
