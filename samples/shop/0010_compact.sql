-- migrationhost: transaction=none timeout=00:05:00
-- VACUUM cannot run in a transaction.
VACUUM;
ANALYZE;
