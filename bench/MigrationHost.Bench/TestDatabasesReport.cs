using System.Diagnostics;
using MigrationHost.Testing;

namespace MigrationHost.Bench;

/// <summary>A database for a test: what the thousandth one costs beside running the migrations for it.</summary>
internal static class TestDatabasesReport
{
    private const int Migrations = 300;
    private const int Databases = 1000;

    private static readonly string Server =
        $"Host={Environment.GetEnvironmentVariable("PGHOST")};Port={Environment.GetEnvironmentVariable("PGPORT")};Username={Environment.GetEnvironmentVariable("PGUSER")}";

    private static readonly string MariaDb =
        $"Server=127.0.0.1;Port={Environment.GetEnvironmentVariable("BENCH_MARIADB_PORT")};User ID=root;Database=unused;SslMode=Disabled";

    public static async Task<int> RunAsync()
    {
        Console.WriteLine($"{Migrations} migrations; of {Databases} test databases, each disposed before the next, the last ten: median (least to most).");
        Console.WriteLine();
        Console.WriteLine(" | the first, which runs the migrations, ms | the thousandth, ms | ratio");
        Console.WriteLine("---|---|---|---");
        await PrintAsync("SQLite, a file", folder => MigratedDatabase.CreateAsync(folder));
        await PrintAsync("SQLite, in memory", folder => MigratedDatabase.CreateInMemoryAsync(folder));
        await PrintAsync("PostgreSQL", folder => MigratedDatabase.CreateAsync(folder, DatabaseProvider.PostgreSql, Server));
        await PrintAsync("MariaDB", folder => MigratedDatabase.CreateAsync(folder, DatabaseProvider.MySql, MariaDb), databases: 100);
        return 0;
    }

    private static async Task PrintAsync(string kind, Func<string, Task<MigratedDatabase>> create, int databases = Databases)
    {
        using var folder = new Folder(Migrations);
        File.AppendAllText(folder[$"migrations/1_create_t1.sql"], $"-- {folder.Path} for {kind}\n");
        List<double> times = [];
        for (var i = 0; i < databases; i++)
        {
            var clock = Stopwatch.StartNew();
            await using var database = await create(folder["migrations"]);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }
        var last = times[^10..];
        Console.WriteLine($"{kind} | {times[0]:0} | {Report.Show(last)} | {times[0] / Report.Median(last):0}");
    }
}
