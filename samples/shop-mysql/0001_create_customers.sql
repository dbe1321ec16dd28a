CREATE TABLE customers (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    email varchar(200) NOT NULL UNIQUE,
    name varchar(200) NOT NULL,
    created_at datetime NOT NULL DEFAULT current_timestamp
) DEFAULT CHARACTER SET utf8mb4;
