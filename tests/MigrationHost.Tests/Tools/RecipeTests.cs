using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace MigrationHost.Tests.Tools;

/// <summary>The recipes of docs/recipes with the real tools, blocked by a real psql: named, ended, nothing left, and done once the way is free.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed partial class RecipeTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private static readonly string Repository = MigrationHostProgram.Repository;

    private static readonly (string, string)[] Short =
        [("Timeouts:StallAfter", "00:00:00.300"), ("Timeouts:Lock", "00:00:01"), ("Timeouts:Grace", "00:00:01")];

    private readonly PostgreSqlTestDatabase _database = new(cluster);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("django")]
    [InlineData("rails")]
    [InlineData("sqitch")]
    [InlineData("dbmate")]
    [InlineData("prisma")]
    [InlineData("drizzle")]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Its_hang_is_named_and_ended_and_the_next_start_is_ready(string tool)
    {
        var settings = Settings(tool);

        // Prisma begins in an empty schema only.
        var table = tool == "prisma" ? "sales.orders" : "orders";
        await _database.QueryAsync($"CREATE SCHEMA sales; CREATE TABLE {table} (id integer)");
        for (var round = 0; round < Torture.Rounds(1); round++)
        {
            await using (var holder = await _database.HoldFromOutsideAsync($"SELECT * FROM {table};"))
            {
                await using var blocked = Host(settings);

                var error = await blocked.MigrateAsync();

                Assert.True(error?.Code == MigrationErrorCode.Blocked, $"{error}\n{string.Join('\n', blocked.Log.All)}");
                Assert.Contains($"psql (pid {holder.Pid}) holds AccessShareLock on {table}", error!.Message, StringComparison.Ordinal);
                await NothingLeftAsync(holder.Pid);
                await holder.ReleaseAsync();
            }
            if (tool == "prisma" && !Torture.IsAsked)
                return; // each start of it takes seconds
            if (tool == "prisma")
                await MigrationTools.PrismaAsync(_database, "postgresql", "resolve", "--rolled-back", "20261126100000_add_total");
            await using var host = Host(settings);
            var failed = await host.MigrateAsync();

            Assert.True(failed is null, $"{failed}\n{string.Join('\n', host.Log.All)}");
            Assert.Equal("1", await _database.QueryAsync("SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'total'"));
            await StartOverAsync(table);
        }
    }

    [Fact]
    public void Every_recipe_is_a_valid_configuration()
    {
        foreach (var page in Directory.EnumerateFiles(Path.Combine(Repository, "docs", "recipes"), "*.md").Where(page => File.ReadAllText(page).Contains("```json", StringComparison.Ordinal)))
            Assert.Equal("Command", new ConfigurationBuilder().AddJsonStream(Json(page)).Build()["MigrationHost:Databases:app:Engine"]);
    }

    private TestHost Host(IEnumerable<KeyValuePair<string, string?>> settings) => new(
        _database.Folder.Path, [.. settings, .. Short.Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Item1}", (string?)setting.Item2))]);

    /// <summary>What the page says, with this test's server in place of the example's.</summary>
    private Dictionary<string, string?> Settings(string tool)
    {
        Copy(Path.Combine(Repository, "samples", "recipes", tool), _database.Folder.Path);
        if (!Directory.Exists(_database.Folder["node_modules"]))
            Directory.CreateSymbolicLink(_database.Folder["node_modules"], Path.Combine(Repository, "tests", "tools", "node_modules"));
        var page = new ConfigurationBuilder().AddJsonStream(Json(Path.Combine(Repository, "docs", "recipes", $"{tool}.md"))).Build();
        var server = new NpgsqlConnectionStringBuilder(_database.ConnectionString);
        var place = $"{server.Username}@{server.Host}:{server.Port}/{server.Database}";
        var settings = page.AsEnumerable().Where(setting => setting.Value is not null).ToDictionary(setting => setting.Key, setting => setting.Key.Split(':')[^1] switch
        {
            "ConnectionString" => _database.ConnectionString,
            "PGHOST" => server.Host,
            "PGDATABASE" => server.Database,
            "PGUSER" => server.Username,

            // Debian's, which has Django: another one may come first on the PATH.
            "Executable" when setting.Value == "python3" => "/usr/bin/python3",
            _ => setting.Value!.Replace("app:…@db/shop", place, StringComparison.Ordinal).Replace("app@db/shop", place, StringComparison.Ordinal),
        });
        foreach (var command in new[] { "Command", "Command:Verify" })
        {
            settings[$"MigrationHost:Databases:app:{command}:Environment:PGPORT"] = $"{server.Port}";
            if (tool == "prisma")
                UsePrismaWithoutItsEngines(settings, $"MigrationHost:Databases:app:{command}");
        }
        return settings;
    }

    // They would be looked for on the internet.
    private void UsePrismaWithoutItsEngines(Dictionary<string, string?> settings, string command)
    {
        settings[$"{command}:Arguments:2"] = "--config";
        settings[$"{command}:Arguments:3"] = Path.Combine(Repository, "tests", "tools", "prisma.config.mjs");
        foreach (var (name, value) in new[] { ("PROJECT", _database.Folder.Path), ("PRISMA_QUERY_ENGINE_LIBRARY", "/bin/true"), ("PRISMA_SCHEMA_ENGINE_BINARY", "/bin/true"), ("CHECKPOINT_DISABLE", "1") })
            settings[$"{command}:Environment:{name}"] = value;
    }

    private async Task NothingLeftAsync(int holder)
    {
        var left = "";
        await Eventually.BecomesTrueAsync(
            async () => (left = await _database.QueryAsync($"SELECT pid, application_name, query FROM pg_stat_activity WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), {holder})")).Length == 0,
            () => left);
    }

    private Task<string> StartOverAsync(string table) => _database.QueryAsync(
        $"ALTER TABLE {table} DROP COLUMN total; DROP SCHEMA IF EXISTS sqitch CASCADE; DROP SCHEMA IF EXISTS drizzle CASCADE; "
            + "DROP TABLE IF EXISTS django_migrations, schema_migrations, ar_internal_metadata, _prisma_migrations;");

    private static MemoryStream Json(string page)
    {
        var database = JsonBlock().Match(File.ReadAllText(page)).Groups["json"].Value;
        return new MemoryStream(Encoding.UTF8.GetBytes($"{{ \"MigrationHost\": {{ \"Databases\": {{ {database} }} }} }}"));
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    [GeneratedRegex("```json\n(?<json>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
