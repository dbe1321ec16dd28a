// Drizzle has no command that says whether something is pending: its table has the time of the last migration, as the journal has.
import { readFileSync } from 'node:fs';
import pg from 'pg';

const last = JSON.parse(readFileSync('migrations/meta/_journal.json', 'utf8')).entries.at(-1);
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
const { rows } = await client.query("SELECT to_regclass('drizzle.__drizzle_migrations') AS history");
const applied = rows[0].history
  ? (await client.query('SELECT max(created_at) AS at FROM drizzle.__drizzle_migrations')).rows[0].at
  : null;
await client.end();
console.log(`last in the folder: ${last.when} (${last.tag}); last applied: ${applied ?? 'none'}`);
process.exitCode = Number(applied) === last.when ? 0 : 1;
