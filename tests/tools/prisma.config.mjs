// Prisma with its engine in WebAssembly, on the project that PROJECT names and the database of DATABASE_URL.
import path from 'node:path';
import { defineConfig } from 'prisma/config';

const { PROJECT: project, DATABASE_URL: url } = process.env;

// The engine reads the server's catalog, and the adapter does not know the types "char", name and name[]: they are text to it.
const typesAsText = { 18: 25, 19: 25, 1003: 1009 };

const sqlite = async () => new (await import('@prisma/adapter-libsql')).PrismaLibSQL({ url });

async function postgreSql() {
  const factory = new (await import('@prisma/adapter-pg')).PrismaPg({ connectionString: url });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const performIO = adapter.performIO.bind(adapter);
    adapter.performIO = async (query) => {
      const result = await performIO(query);
      for (const field of result.fields) field.dataTypeID = typesAsText[field.dataTypeID] ?? field.dataTypeID;
      return result;
    };
    return adapter;
  };
  return factory;
}

export default defineConfig({
  schema: path.join(project, 'schema.prisma'),
  migrations: { path: path.join(project, 'migrations') },
  engine: 'js',
  experimental: { adapter: true },
  adapter: url.startsWith('file:') ? sqlite : postgreSql,
});
