using System.Diagnostics;
using System.Globalization;

namespace MigrationHost.Bench.Peers;

/// <summary>The tools that are compared: those of .NET are in MigrationHost.Peers, those of npm in tests/tools, Alembic is
/// Debian's.</summary>
internal static class PeerTools
{
    private static readonly string Packages = Environment.GetEnvironmentVariable("BENCH_TOOLS") ?? "tests/tools";
    private static readonly string Program = Environment.GetEnvironmentVariable("MIGRATIONHOST_PROGRAM") ?? "migrationhost";
    private static readonly string Net = Environment.GetEnvironmentVariable("BENCH_PEERS") ?? "MigrationHost.Peers";

    public static Peer MigrationHost { get; } = Ours("MigrationHost");

    /// <summary>With the shell that each database has: what nothing can be much faster than.</summary>
    public static IReadOnlyList<Peer> Shells { get; } =
    [
        new("its shell, one transaction each", (place, set) => place.Write("shell.sql", Script(place, set, each: true)), Shell),
        new("its shell, one in all", (place, set) => place.Write("shell.sql", Script(place, set, each: false)), Shell),
    ];

    public static IReadOnlyList<Peer> Timed { get; } =
    [
        OfNet("EF Core 10", "ef-core"), OfNet("DbUp 6", "dbup"), OfNet("FluentMigrator 8", "fluentmigrator"), OfNet("Evolve 3", "evolve"),
        .. Found("node_modules/@dbmate", "dbmate 2", Dbmate),
    ];

    /// <summary>All of them. The drivers with which those of npm run here on SQLite are not the ones that their users have.</summary>
    public static IReadOnlyList<Peer> On(bool isSqlite) =>
    [
        MigrationHost, .. Timed,
        .. Found("/usr/bin/alembic", "Alembic 1.8", Alembic),
        .. isSqlite ? [] : Found("node_modules/.bin/prisma", "Prisma 6", Prisma),
        .. isSqlite ? [] : Found("node_modules/drizzle-orm", "Drizzle 0.45", Drizzle),
    ];

    public static Peer Ours(string name, params (string Setting, string Value)[] settings) => new(
        name,
        (place, set) => WriteFiles(place, set, number => $"migrations/{number}_step.sql"),
        place =>
        {
            var start = new ProcessStartInfo(Program, ["migrate"]);
            foreach (var (setting, value) in settings.Append(("Databases__app__ConnectionString", place.ConnectionString))
                .Append(("Databases__app__Provider", place.IsSqlite ? "Sqlite" : "PostgreSql")))
                start.Environment[$"MigrationHost__{setting}"] = value;
            return start;
        },
        place => new(Environment.ProcessPath!, ["migrate", place.Folder, .. place.IsSqlite ? [] : new[] { place.ConnectionString }]));

    private static Peer OfNet(string name, string tool) => new(
        name,
        (place, set) =>
        {
            place.Write("set.sql", string.Join("-- next migration\n", set));
            WriteFiles(place, set, number => $"scripts/V{number:D4}__step.sql");
        },
        place => new(Net, [tool, place.Folder, place.ConnectionString]),
        place => new(Net, [tool, place.Folder, place.ConnectionString, "--host"]));

    private static Peer Dbmate(string name) => new(
        name,
        (place, set) => WriteFiles(place, set, number => $"migrations/{number:D14}_step.sql", "-- migrate:up\n", "-- migrate:down\n"),
        place => new(
            Directory.EnumerateFiles(Path.Combine(Packages, "node_modules/@dbmate"), "dbmate", SearchOption.AllDirectories).First(),
            ["--url", DbmateAddress(place), "-d", "migrations", "--no-dump-schema", "up"]));

    private static string DbmateAddress(Place place) => place.Address("sqlite:") + (place.IsSqlite ? "" : "?sslmode=disable");

    private static Peer Alembic(string name) => new(name, AlembicProject.Write, _ => new("/usr/bin/alembic", ["upgrade", "head"]));

    private static Peer Prisma(string name) => new(
        name,
        (place, set) =>
        {
            var provider = place.IsSqlite ? "sqlite" : "postgresql";
            WriteFiles(place, set, number => $"migrations/{number:D14}_step/migration.sql");
            place.Write("migrations/migration_lock.toml", $"provider = \"{provider}\"\n");
            place.Write("schema.prisma", $"datasource db {{\n  provider = \"{provider}\"\n  url = env(\"DATABASE_URL\")\n}}\n");
        },
        place =>
        {
            var config = Path.Combine(Packages, "prisma.config.mjs");
            var start = new ProcessStartInfo(Path.Combine(Packages, "node_modules/.bin/prisma"), ["migrate", "deploy", "--config", config]);
            foreach (var (variable, value) in new[]
            {
                ("DATABASE_URL", place.Address("file:")), ("PROJECT", place.Folder), ("CHECKPOINT_DISABLE", "1"),
                ("PRISMA_QUERY_ENGINE_LIBRARY", "/bin/true"), ("PRISMA_SCHEMA_ENGINE_BINARY", "/bin/true"),
            })
                start.Environment[variable] = value;
            return start;
        });

    private static Peer Drizzle(string name) => new(
        name,
        (place, set) =>
        {
            for (var i = 0; i < set.Count; i++)
                place.Write($"migrations/{i:D4}_step.sql", set[i].TrimEnd().ReplaceLineEndings("\n--> statement-breakpoint\n"));
            var entries = Enumerable.Range(0, set.Count).Select(i =>
                $$"""{"idx":{{i}},"version":"7","when":{{1764150000000 + i}},"tag":"{{i:D4}}_step","breakpoints":true}""");
            var dialect = place.IsSqlite ? "sqlite" : "postgresql";
            place.Write(
                "migrations/meta/_journal.json",
                $$"""{"version":"7","dialect":"{{dialect}}","entries":[{{string.Join(',', entries)}}]}""");
        },
        place => new("node", [Path.Combine(Packages, "drizzle.mjs"), place.Address("file:"), "migrations"]));

    private static void WriteFiles(Place place, IReadOnlyList<string> set, Func<int, string> name, string head = "", string tail = "")
    {
        for (var i = 0; i < set.Count; i++)
            place.Write(name(i + 1), head + set[i] + tail);
    }

    private static string Script(Place place, IReadOnlyList<string> set, bool each)
    {
        var begin = place.IsSqlite ? "BEGIN IMMEDIATE;\n" : "BEGIN;\n";
        var steps = set.Select((sql, i) => string.Create(
            CultureInfo.InvariantCulture,
            $"{sql}INSERT INTO history VALUES ('{i + 1}', 'step', '{new string('0', 64)}', '2026-11-22', 1, 'a:1', 'applied');\n"));
        return "CREATE TABLE history (version text PRIMARY KEY, what text, checksum text, at text, ms integer, by text, state text);\n"
            + (each ? string.Concat(steps.Select(step => $"{begin}{step}COMMIT;\n")) : $"{begin}{string.Concat(steps)}COMMIT;\n");
    }

    private static ProcessStartInfo Shell(Place place) => place.IsSqlite ? place.Shell(".read shell.sql") : place.Shell("-f", "shell.sql");

    private static IEnumerable<Peer> Found(string path, string name, Func<string, Peer> make) =>
        Path.Exists(Path.Combine(Packages, path)) ? [make(name)] : [];
}
