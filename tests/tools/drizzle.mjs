// Drizzle's own migrator: node drizzle.mjs ADDRESS FOLDER
const [address, migrationsFolder] = process.argv.slice(2);
if (address.startsWith('file:')) {
  const { createClient } = await import('@libsql/client');
  const { drizzle } = await import('drizzle-orm/libsql');
  const { migrate } = await import('drizzle-orm/libsql/migrator');
  const client = createClient({ url: address });
  await migrate(drizzle(client), { migrationsFolder });
  client.close();
} else if (address.startsWith('mysql:')) {
  const { default: mysql } = await import('mysql2/promise');
  const { drizzle } = await import('drizzle-orm/mysql2');
  const { migrate } = await import('drizzle-orm/mysql2/migrator');
  const connection = await mysql.createConnection(address);
  await migrate(drizzle(connection), { migrationsFolder });
  await connection.end();
} else {
  const { default: pg } = await import('pg');
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { migrate } = await import('drizzle-orm/node-postgres/migrator');
  const pool = new pg.Pool({ connectionString: address });
  await migrate(drizzle(pool), { migrationsFolder });
  await pool.end();
}
