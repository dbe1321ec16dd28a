using Npgsql;

namespace MigrationHost.Tests.Support;

/// <summary>Other migration tools, as their packages bring them: tests/run installs them into tests/tools.</summary>
internal static class MigrationTools
{
    private static readonly string Folder = Path.Combine(MigrationHostProgram.Repository, "tests/tools");

    public static Task DbmateAsync(TestDatabase database, params string[] arguments) => SucceedAsync(
        database, Path.Combine(Folder, "node_modules/.bin/dbmate"), ["--url", AddressOf(database, "sqlite:"), "-d", "migrations", "--no-dump-schema", .. arguments]);

    public static Task DrizzleAsync(TestDatabase database) =>
        SucceedAsync(database, "node", [Path.Combine(Folder, "drizzle.mjs"), AddressOf(database, "file:"), "migrations"]);

    public static async Task PrismaAsync(TestDatabase database, string provider, params string[] arguments)
    {
        var (code, said) = await TryPrismaAsync(database, provider, arguments);
        Assert.True(code == 0, said);
    }

    /// <returns>Its exit code, and what it said.</returns>
    public static Task<(int Code, string Said)> TryPrismaAsync(TestDatabase database, string provider, params string[] arguments)
    {
        database.Folder.Write("schema.prisma", $"datasource db {{\n  provider = \"{provider}\"\n  url = env(\"DATABASE_URL\")\n}}\n");
        return RunAsync(
            database,
            Path.Combine(Folder, "node_modules/.bin/prisma"),
            ["migrate", .. arguments, "--config", Path.Combine(Folder, "prisma.config.mjs")]);
    }

    private static async Task SucceedAsync(TestDatabase database, string program, string[] arguments)
    {
        var (code, said) = await RunAsync(database, program, arguments);
        Assert.True(code == 0, said);
    }

    private static async Task<(int Code, string Said)> RunAsync(TestDatabase database, string program, string[] arguments)
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules")), "tests/tools has no node_modules: run tests/run once, which installs them");
        var environment = new Dictionary<string, string?>
        {
            ["DATABASE_URL"] = AddressOf(database, "file:"),
            ["PROJECT"] = database.Folder.Path,

            // Prisma would look for its native engines on the internet, and does not use them.
            ["PRISMA_QUERY_ENGINE_LIBRARY"] = "/bin/true",
            ["PRISMA_SCHEMA_ENGINE_BINARY"] = "/bin/true",
            ["CHECKPOINT_DISABLE"] = "1",
        };
        await using var tool = new RunningProgram(program, arguments, database.Folder.Path, environment);
        tool.CloseInput();
        return (await tool.ExitAsync(), tool.All);
    }

    private static string AddressOf(TestDatabase database, string sqlite)
    {
        if (database is SqliteTestDatabase file)
            return $"{sqlite}{file.Path}";
        if (database is MySqlTestDatabase mySql)
            return mySql.Address;
        var connection = new NpgsqlConnectionStringBuilder(((PostgreSqlTestDatabase)database).ConnectionString);
        return $"postgres://{connection.Username}@{connection.Host}:{connection.Port}/{connection.Database}?sslmode=disable";
    }
}
