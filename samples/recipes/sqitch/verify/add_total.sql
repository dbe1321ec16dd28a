SELECT total FROM orders WHERE false;
