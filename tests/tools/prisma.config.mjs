// Prisma with its engine in WebAssembly, on the project that PROJECT names and the database of DATABASE_URL.
import path from 'node:path';
import { defineConfig } from 'prisma/config';

const { PROJECT: project, DATABASE_URL: url } = process.env;

export default defineConfig({
  schema: path.join(project, 'schema.prisma'),
  migrations: { path: path.join(project, 'migrations') },
  engine: 'js',
  experimental: { adapter: true },
  adapter: async () => new (await import('@prisma/adapter-libsql')).PrismaLibSQL({ url }),
});
