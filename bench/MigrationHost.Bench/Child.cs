using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using MigrationHost.Running;
using Npgsql;

namespace MigrationHost.Bench;

/// <summary>What is measured, each in a process of its own that prints one number.</summary>
internal static class Child
{
    private const string Database = "MigrationHost:Databases:app:ConnectionString";

    /// <summary>Migrates a folder's database and prints the milliseconds from the host's start to ready.</summary>
    public static async Task<int> MigrateAsync(string folder, string? server)
    {
        using var host = BuildWithoutServer(folder, server);
        var state = host.Services.GetRequiredService<IMigrationState>();
        var clock = Stopwatch.StartNew();
        await host.StartAsync();
        await state.WaitUntilReadyAsync();
        Print(clock.Elapsed.TotalMilliseconds);
        await host.StopAsync();
        return 0;
    }

    /// <summary>Checks a database that is at its target again and again, and prints the median milliseconds of one check: files read, history read, compared.</summary>
    public static async Task<int> CheckAsync(string folder, string? server)
    {
        using var host = BuildWithoutServer(folder, server);
        var run = host.Services.GetRequiredService<MigrationRuns>().All[0];
        var times = new List<double>();
        for (var i = 0; i < 100; i++)
        {
            var clock = Stopwatch.StartNew();
            await run.MigrateAsync(null, null, CancellationToken.None);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }
        Print(times.Order().ElementAt(times.Count / 2));
        return 0;
    }

    /// <summary>Reads and hashes a folder's files again and again, one after the other, and prints the median milliseconds.</summary>
    public static int Read(string folder)
    {
        var times = new List<double>();
        for (var i = 0; i < 100; i++)
        {
            var clock = Stopwatch.StartNew();
            foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "migrations")))
                SHA256.HashData(File.ReadAllBytes(file));
            times.Add(clock.Elapsed.TotalMilliseconds);
        }
        Print(times.Order().ElementAt(times.Count / 2));
        return 0;
    }

    /// <summary>Starts a host, lets it come to rest and prints its resident memory in MiB.</summary>
    /// <param name="folder">Where its migrations are.</param>
    /// <param name="migrations">Whether it has any.</param>
    /// <param name="kinds">What of its memory counts, as in proc(5): VmRSS, or RssAnon and RssShmem, which are its own and cannot be
    /// read again from a file.</param>
    public static async Task<int> HostAsync(string folder, bool migrations, params string[] kinds)
    {
        var app = Build(folder, migrations);
        await app.StartAsync();
        if (migrations)
            await app.Services.GetRequiredService<IMigrationState>().WaitUntilReadyAsync();
        using var client = new HttpClient();
        await client.GetStringAsync(app.Urls.First());
        Print(File.ReadLines("/proc/self/status").Where(line => kinds.Contains(line.Split(':')[0])).Sum(KiB) / 1024);
        await app.StopAsync();
        return 0;
    }

    public static double KiB(string line) => Number(line.Split(':')[1].Trim().Split(' ')[0]);

    private static WebApplication Build(string folder, bool migrations)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (migrations)
        {
            builder.Configuration[Database] = "Data Source=app.db";
            builder.Services.AddMigrationHost(builder.Configuration);
        }
        var app = builder.Build();
        app.MapGet("/", () => "hello");
        return app;
    }

    /// <summary>
    /// Waits behind a shell that holds the write lock, or has made the same table, and prints the milliseconds from its release until
    /// the migration's statement runs; both times are told by the database.
    /// </summary>
    public static async Task<int> HandOverAsync(string folder, string? server)
    {
        string[] shell = server is null ? ["sqlite3", "-batch", Path.Combine(folder, "app.db")] : ["psql", "-qXAt", PostgreSqlReport.DatabaseOf(server)];
        using var holder = Process.Start(new ProcessStartInfo(shell[0], shell[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await AskAsync(holder, server is null ? "BEGIN IMMEDIATE; SELECT 'held';" : "BEGIN; CREATE TABLE t1 (); SELECT 'held';");
        using var host = BuildWithoutServer(folder, server);
        var state = host.Services.GetRequiredService<IMigrationState>();
        await host.StartAsync();
        while (state.Current.Databases[0].WaitingFor is null)
            await Task.Delay(5);
        await Task.Delay(Random.Shared.Next(server is null ? 200 : 6000));

        var released = await AskAsync(holder, $"ROLLBACK; SELECT {Now(server)};");
        await state.WaitUntilReadyAsync();
        var ran = await AskAsync(holder, "SELECT at FROM t1;");
        Print(1000 * (Number(ran) - Number(released)));
        holder.StandardInput.Close();
        await host.StopAsync();
        return 0;
    }

    /// <summary>A migration that notes when it runs, as <see cref="HandOverAsync"/> needs it.</summary>
    public static string TimedMigration(string? server) => $"CREATE TABLE t1 AS SELECT {Now(server)} AS at;\n";

    private static string Now(string? server) => server is null ? "86400 * (julianday('now') - 2440587.5)" : "extract(epoch FROM clock_timestamp())";

    private static async Task<string> AskAsync(Process shell, string sql)
    {
        await shell.StandardInput.WriteLineAsync(sql);
        await shell.StandardInput.FlushAsync();
        return (await shell.StandardOutput.ReadLineAsync())!;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Starts a host whose engine runs in a child process, and prints the milliseconds until the child has answered for the first time.</summary>
    public static async Task<int> FirstAnswerAsync(string folder)
    {
        using var host = BuildWithoutServer(folder, isolation: "ChildProcess");
        var state = host.Services.GetRequiredService<IMigrationState>();
        var clock = Stopwatch.StartNew();
        await host.StartAsync();
        while (state.Current.Phase <= MigrationPhase.Starting)
            await Task.Delay(1);
        Print(clock.Elapsed.TotalMilliseconds);
        await state.WaitUntilReadyAsync();
        await host.StopAsync();
        return 0;
    }

    /// <summary>Prints for how many milliseconds a migration's wait for a lock has lasted beyond StallAfter when its holder is named.</summary>
    public static async Task<int> NamedAsync(string folder, string server)
    {
        using var host = BuildWithoutServer(folder, server);
        var state = host.Services.GetRequiredService<IMigrationState>();
        await using var asking = new NpgsqlConnection(server);
        await asking.OpenAsync();
        await using var question = new NpgsqlCommand(
            "SELECT extract(epoch FROM clock_timestamp() - waitstart)::float8 * 1000 FROM pg_locks WHERE NOT granted", asking);
        await host.StartAsync();
        double? waited = null;
        while (waited is null)
            waited = (double?)await question.ExecuteScalarAsync();
        var clock = Stopwatch.StartNew();
        while (!state.Current.Databases[0].Blocked)
            await Task.Delay(5);
        Print(waited.Value + clock.Elapsed.TotalMilliseconds - TimeSpan.FromSeconds(2).TotalMilliseconds);
        await host.StopAsync();
        return 0;
    }

    /// <summary>Is blocked for as long as the report measures.</summary>
    public static async Task<int> BlockedAsync(string folder, string server)
    {
        using var host = BuildWithoutServer(folder, server);
        await host.StartAsync();
        await Task.Delay(BlockedReport.HowLong);
        await host.StopAsync();
        Print(0);
        return 0;
    }

    private static IHost BuildWithoutServer(string folder, string? server = null, string isolation = "InProcess")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder });
        builder.Configuration[Database] = server ?? "Data Source=app.db";
        if (server?.Contains("://", StringComparison.Ordinal) is not true)
            builder.Configuration["MigrationHost:Databases:app:Provider"] = server is null ? "Sqlite" : "PostgreSql";
        builder.Configuration["MigrationHost:Databases:app:Isolation"] = isolation;
        builder.Configuration["MigrationHost:Databases:app:AllowEmpty"] = "true";
        builder.Services.AddMigrationHost(builder.Configuration);
        return builder.Build();
    }

    private static void Print(double value) => Console.WriteLine(value.ToString("0.0", CultureInfo.InvariantCulture));
}
