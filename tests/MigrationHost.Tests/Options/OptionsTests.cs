using MigrationHost.Databases.PostgreSql;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace MigrationHost.Tests.Options;

public sealed class OptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public OptionsTests() => Directory.CreateDirectory(_folder["migrations"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_database_fills_its_limits_up_from_the_hosts_and_these_from_the_defaults()
    {
        var options = Read(("Timeouts:Lock", "00:03:00"), ("Timeouts:Turn", "1.00:00:00"), ("Databases:app:Timeouts:Lock", "00:00:07.5"));

        var timeouts = Timeouts.For(options.Databases["app"].Timeouts, options.Timeouts);

        Assert.Equal((TimeSpan.FromSeconds(7.5), TimeSpan.FromDays(1), TimeSpan.FromMinutes(15)), (timeouts.Lock, timeouts.Turn, timeouts.Migration));
    }

    [Fact]
    public void The_connection_string_may_stand_among_the_others()
    {
        var options = Read([("Databases:app:ConnectionString", null), ("Databases:app:Migrations", "migrations")], [("ConnectionStrings:app", "Data Source=shared.db")]);

        Assert.Equal("Data Source=shared.db", options.Databases["app"].ConnectionString);
    }

    [Theory]
    [InlineData("Startup", "Gated", "MigrationHost:Startup: the value is not known; did you mean 'Gate'?")]
    [InlineData("Starttup", "Gate", "MigrationHost:Starttup: unknown setting; did you mean 'Startup'?")]
    [InlineData("Databases:app:Migration", "x", "MigrationHost:Databases:app:Migration: unknown setting; did you mean 'Migrations'?")]
    [InlineData("Databases:app:Timeouts:Locks", "00:00:01", "MigrationHost:Databases:app:Timeouts:Locks: unknown setting; did you mean 'Lock'?")]
    [InlineData("Databases:app:AllowEmty", "true", "did you mean 'AllowEmpty'?")]
    [InlineData("Databases:app:AllowExistingTable", "true", "did you mean 'AllowExistingTables'?")]
    [InlineData("Databases:app:AllowExistingTables", "yes", "AllowExistingTables: is neither true nor false")]
    [InlineData("Databases:app:ShowStatements", "yes", "MigrationHost:Databases:app:ShowStatements: is neither true nor false")]
    [InlineData("Databases:app:Layout", "Gose", "Databases:app:Layout: the value is not known; did you mean 'Goose'?")]
    [InlineData("MaxParallel", "many", "MigrationHost:MaxParallel: is not a whole number")]
    [InlineData("MaxParallel", "0", "MigrationHost:MaxParallel: is not a number from 1 to 1000")]
    [InlineData("MaxParallel", "99999999999999999999", "MigrationHost:MaxParallel: is not a whole number")]
    [InlineData("RetryInterval", "30", "MigrationHost:RetryInterval: is not a duration: write [d.]hh:mm:ss[.fff], for 30 seconds 00:00:30")]
    [InlineData("RetryInterval", "-00:00:01", "is not a duration")]
    [InlineData("RetryInterval", "00:00:00", "00:00:00 is not longer than zero")]
    [InlineData("RetryInterval", "24.00:00:01", "is longer than 24 days")]
    [InlineData("RetryInterval", "99999999999.00:00:00", "is not a duration")]
    [InlineData("RetryInterval", "25:00:00", "is not a duration")]
    [InlineData("RetryInterval", "soon", "RetryInterval: is not a duration: write [d.]hh:mm:ss[.fff], for example 00:00:30 for thirty seconds")]
    [InlineData("Timeouts:Lock", "5", "MigrationHost:Timeouts:Lock: is not a duration")]
    [InlineData("ManagementUrl", "localhost", "MigrationHost:ManagementUrl: is not an address; write for example http://localhost:9090")]
    [InlineData("Databases:app:Provider", "Sqlit", "did you mean 'Sqlite'?")]
    [InlineData("Databases:app:ConnectionString", "Data Source=a.db;Pasword=x", "did you mean 'Password'?")]
    [InlineData("Databases:app:ConnectionString", "Data Source=a.db;Pasword=x;Colour=red", "its third key is not a connection-string key; choose from Data Source, Mode")]
    [InlineData("Databases:app:ConnectionString", "Data Source=a.db;Mode=Write", "the value of Mode has the wrong form; choose from ReadWriteCreate, ReadWrite, ReadOnly, Memory")]
    [InlineData("Databases:app:ConnectionString", "Data Source=a.db;Default Timeout=soon", "the value of Default Timeout has the wrong form")]
    [InlineData("Databases:app:ConnectionString", "a.db", "write for example Data Source=data/app.db")]
    [InlineData("Databases:app:ConnectionString", "Data Source=a-file/a.db", "a-file is a file, not a folder")]
    [InlineData("Databases:app:ConnectionString", "Data Source=:memory:", "a database in memory is gone")]
    [InlineData("Databases:app:ConnectionString", "Mode=ReadOnly", "names no file")]
    [InlineData("Databases:app:ConnectionString", "Data Source=migrations", "migrations is a directory; name a file in it")]
    [InlineData("Databases:app:ConnectionString", "Data Source=file:a.db?cache=shared", "is not a plain path")]
    [InlineData("Databases:app:Migrations", "nowhere", "the folder nowhere does not exist (looked for ")]
    [InlineData("Databases:app:Migrations", "a-file", "a-file is a file, not a folder")]
    [InlineData("Databases:../x:ConnectionString", "Data Source=b.db", "MigrationHost:Databases:(the first name in alphabetical order): is not a usable name")]
    [InlineData("Databases:a b:ConnectionString", "Data Source=b.db", "MigrationHost:Databases:(the first name in alphabetical order): is not a usable name")]
    public void What_is_wrong_with_a_setting_is_said_with_its_name_and_the_remedy(string key, string value, string message)
    {
        _folder.Write("a-file", "");

        var problems = Problems((key, value));

        Assert.Contains(problems, problem => problem.Contains(message, StringComparison.Ordinal));
        Assert.DoesNotContain(problems, problem => problem.Contains("Pasword=x", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Host=db;Database=app;Usernam=app", "its third key is not a connection-string key; did you mean 'Username'?")]
    [InlineData("Database=app;Username=app", "names no host")]
    [InlineData("Host=db;Port=many;Password=secret", "the value of Port has the wrong form")]
    public void A_wrong_connection_string_for_postgresql_is_told_without_its_secrets(string connectionString, string expected)
    {
        var problem = Assert.Single(Problems(("Databases:app:Provider", "PostgreSql"), ("Databases:app:ConnectionString", connectionString)));

        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite://app:Zq7xKw9v@data.db")]
    [InlineData("sqlite3://app:Zq7xKw9v@127.0.0.1:1/shop")]
    [InlineData("sqlite:///app:Zq7xKw9v@db/shop")]
    [InlineData("sqlite://app:Zq7x/Kw9v@db")]
    [InlineData("sqlite://app%3AZq7xKw9v%40db")]
    [InlineData("Data Source=app:Zq7xKw9v@db")]
    [InlineData("Data Source=data/:Zq7xKw9v@db")]
    public void The_account_of_a_server_is_no_part_of_the_path_of_a_file(string connectionString)
    {
        var problem = Assert.Single(Problems(("Databases:app:ConnectionString", connectionString)));

        Assert.Contains("write the path of a file", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Zq7x", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Data Source=a@b.db")]
    [InlineData("sqlite:data/10:30.db")]
    public void A_path_with_one_of_the_signs_of_an_account_stays_a_path(string connectionString) =>
        Assert.Equal(connectionString, Read(("Databases:app:ConnectionString", connectionString)).Databases["app"].ConnectionString);

    [Theory]
    [InlineData("Host=db", "db:5432")]
    [InlineData("Host=db;Username=app", "db:5432/app")]
    [InlineData("Host=db;Username=app;Database=shop", "db:5432/shop")]
    public void A_target_has_a_database_only_if_its_name_is_known(string connectionString, string target) =>
        Assert.Equal(target, PostgreSqlSettings.Read(connectionString, [])!.Target);

    [Fact]
    public void What_of_a_connection_string_would_break_a_promise_is_overridden_and_told()
    {
        List<string> problems = [];
        var settings = PostgreSqlSettings.Read("Host=db;Database=app;Username=app;Pooling=true;Multiplexing=true;Command Timeout=7;Search Path=x", problems)!;

        Assert.Empty(problems);
        Assert.Equal(["Pooling", "Multiplexing", "Command Timeout"], settings.Notes.Select(note => note.Split(" in the")[0]));
        var used = new NpgsqlConnectionStringBuilder(settings.ConnectionString("x"));
        Assert.Equal((false, false, 0, "x"), (used.Pooling, used.Multiplexing, used.CommandTimeout, used.SearchPath));
        Assert.Equal("db:5432/app", settings.Target);
    }

    [Fact]
    public void Every_problem_is_listed_at_once()
    {
        var problems = Problems([.. Enumerable.Range(0, 100).Select(i => ($"Unknown{i}", (string?)"1"))]);

        Assert.Equal([.. problems.Take(20), "and 80 more problems"], ProblemList.First(problems));
        Assert.Equal(problems.Take(20), ProblemList.First([.. problems.Take(20)]));

        Assert.Equal(100, problems.Count);
    }

    [Fact]
    public void Without_a_database_a_complete_example_is_shown()
    {
        var problem = Assert.Single(Assert.Throws<OptionsValidationException>(() => Read([], [], example: false)).Failures);

        Assert.Contains("no database is configured", problem, StringComparison.Ordinal);
        Assert.Contains("\"ConnectionString\": \"Data Source=data/app.db\"", problem, StringComparison.Ordinal);
    }

    /// <summary>The database of the settings file would be migrated in place of the one that the environment names.</summary>
    [Theory]
    [InlineData("MigrationHosts:Databases:app:ConnectionString", "did you mean 'MigrationHost'?")]
    [InlineData("MIGRATION_HOST:DATABASES:APP:CONNECTIONSTRING", "did you mean 'MigrationHost'?")]
    [InlineData("MigrationHost_Databases_app_ConnectionString", "two underscores stand between its parts: MigrationHost__Databases__")]
    public void A_setting_that_nobody_would_read_is_told(string key, string told)
    {
        var problem = Assert.Single(Assert.Throws<OptionsValidationException>(() => Read([], [(key, "Data Source=Zq7xKw9v.db")])).Failures);

        Assert.Contains(told, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Zq7xKw9v", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MIGRATION_HOST")]
    [InlineData("MIGRATIONHOST_PROGRAM")]
    [InlineData("Migrations:Hosts:app")]
    public void A_setting_of_another_is_left_alone(string key) => Assert.Single(Read([], [(key, "db1")]).Databases);

    [Theory]
    [InlineData(0.85, "850 ms")]
    [InlineData(3.09, "3 s")]
    [InlineData(9.99, "9.9 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(120, "2 min")]
    [InlineData(185, "3 min 5 s")]
    [InlineData(7800, "2 h 10 min")]
    public void Durations_are_said_the_way_people_do(double seconds, string expected) => Assert.Equal(expected, Duration.Say(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_grace_set_in_code_is_waited_for_when_the_host_stops()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = _folder.Path });
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)"Data Source=app.db")]);
        builder.Services.AddMigrationHost(builder.Configuration, options => options.Databases["app"].Timeouts.Grace = TimeSpan.FromMinutes(1));
        using var host = builder.Build();

        Assert.Equal(TimeSpan.FromSeconds(65), host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    private List<string> Problems(params (string, string?)[] settings) => [.. Assert.Throws<OptionsValidationException>(() => Read(settings)).Failures];

    private MigrationHostOptions Read(params (string, string?)[] settings) => Read(settings, []);

    private MigrationHostOptions Read((string Key, string? Value)[] settings, (string Key, string? Value)[] others, bool example = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = _folder.Path });
        if (example)
            builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)"Data Source=app.db")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", setting.Value)));
        builder.Configuration.AddInMemoryCollection(others.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Services.AddMigrationHost(builder.Configuration);
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value;
    }
}
