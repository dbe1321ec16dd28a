using System.Text.Json;
using System.Text.Json.Nodes;
using MigrationHost.Child;
using MigrationHost.Engines;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Child;

/// <summary>A host and its child process are the same version and understand each other, or the host says what is wrong. Whatever a child writes ends nothing but its own run.</summary>
public sealed class ChildProtocolTests : IAsyncLifetime
{
    private static readonly string Greeting = $"echo \"migrationhost child {ChildProtocol.Version} $$\"";

    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("echo \"migrationhost child 0.2.0/9 $$\"; exit 2", "is MigrationHost 0.2.0/9, this is ")]
    [InlineData("echo \"'child' is not a command\" >&2; exit 2", "and ended with exit code 2")]
    [InlineData("exit 0", "and ended with exit code 0")]
    [InlineData("echo secret-words; exit 0", "did not answer as MigrationHost ")]
    [InlineData("echo secret-words; sleep 1000", "did not answer as MigrationHost ")]
    [InlineData("yes secret-words", "did not answer as MigrationHost ")]
    public async Task Another_version_or_program_ends_with_2_and_both_versions_before_anything_is_touched(string script, string expected)
    {
        var (code, said) = await MigrateWithAsync(script);

        Assert.True(code == 2, said);
        Assert.Contains(expected, said, StringComparison.Ordinal);
        Assert.Contains(ChildProtocol.Version, said, StringComparison.Ordinal);
        Assert.Contains("MIGRATIONHOST_PROGRAM", said, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    [Theory]
    [InlineData("echo secret-words")]
    [InlineData("printf '{\"Applied\":{\"Version\":'")]
    [InlineData("echo '{\"Farewell\":{}}'")]
    [InlineData("echo '{}'")]
    [InlineData("echo null")]
    [InlineData("echo '[]'")]
    [InlineData("echo '{\"Summary\":null}'")]
    [InlineData("echo '{\"Summary\":{\"Name\":\"app\"}}'")]
    [InlineData("echo '{\"Applied\":{\"Version\":null,\"Description\":1}}'")]
    [InlineData("echo '{\"Log\":{\"Level\":2}}'")]
    [InlineData("printf '\\377\\376\\n'")]
    [InlineData("head -c 40000000 /dev/zero | tr '\\0' x")]
    public async Task What_is_not_understood_is_an_error_with_words_and_is_not_shown(string script)
    {
        var (code, said) = await MigrateWithAsync($"{Greeting}; {script}");

        Assert.True(code == 1, said);
        Assert.Contains("without reporting how far it got", said, StringComparison.Ordinal);
        Assert.Contains("that is not understood; it is ignored", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stray_line_does_not_turn_a_success_into_a_failure()
    {
        var (code, said) = await MigrateWithAsync($"{Greeting}; echo stray; exec \"$REAL\" child \"$1\" | tail -n +2");

        Assert.True(code == 0, said);
        Assert.Contains("wrote a line of 5 characters that is not understood", said, StringComparison.Ordinal);
        Assert.Equal("1", await _database.HistoryAsync());
    }

    [Fact]
    public async Task A_file_that_is_called_like_a_password_is_applied_and_reported_as_it_is()
    {
        _database.Migration("2_reset_password=", "CREATE TABLE resets (id INTEGER);");
        await using var host = _database.Host(("Databases:app:Isolation", "ChildProcess"));

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("reset password=", host.Status.Applied[1].Description);
        Assert.Equal("1\n2", await _database.HistoryAsync());
    }

    [Fact]
    public async Task The_log_of_the_child_is_the_hosts_each_line_once()
    {
        await using var host = _database.Host(("Databases:app:Isolation", "ChildProcess"));
        Assert.Null(await host.MigrateAsync());
        Assert.Single(host.Log.All, line => line.StartsWith("Information: app: applied 1 create users (1 statement", StringComparison.Ordinal));
        Assert.Single(host.Log.All, line => line.StartsWith("Information: app: ready at 1", StringComparison.Ordinal));

        _database.Migration("2_broken", "INSERT INTO nowhere VALUES (1);");
        Assert.NotNull(await host.MigrateAsync());
        Assert.Single(host.Log.All, line => line.Contains("MigrationFailed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_message_that_is_cut_or_damaged_anywhere_is_read_without_an_exception()
    {
        var line = ChildJson.Write(new ChildMessage { Summary = Status() });
        Assert.Equal(Status().Error!.Message, ChildJson.Read(line)!.Summary!.Error!.Message);
        for (var length = 0; length < line.Length; length++)
            Assert.Null(ChildJson.Read(line[..length]));

        var random = new Random(11);
        for (var i = 0; i < 5000; i++)
        {
            var damaged = line.ToCharArray();
            for (var hits = random.Next(1, 4); hits > 0; hits--)
                damaged[random.Next(damaged.Length)] = (char)random.Next(32, 0x3000);
            ChildJson.Read(new string(damaged));
        }
    }

    [Fact]
    public void Every_message_carries_what_it_was_made_of()
    {
        ChildMessage[] messages =
        [
            new() { Status = Status() },
            new() { Progress = Status() },
            new() { Applied = Status().Applied[0] },
            new() { Log = new ChildLogLine(LogLevel.Warning, "two\nlines") },
            new() { Refused = ["a", "b"] },
        ];
        Assert.All(messages, message => Assert.Equal(ChildJson.Write(message), ChildJson.Write(ChildJson.Read(ChildJson.Write(message))!)));
        Assert.All(messages, message => Assert.DoesNotContain('\n', ChildJson.Write(message)));
    }

    /// <summary>A setting that did not reach the child would mean something else with Isolation than without.</summary>
    [Fact]
    public void Every_setting_of_a_database_reaches_the_child()
    {
        var options = new DatabaseOptions { Provider = DatabaseProvider.PostgreSql, ConnectionString = "Host=a;Password=b", Migrations = "elsewhere" };
        var order = ChildOrder.For("app", options, Timeouts.Default with { Lock = TimeSpan.FromSeconds(7) });
        var read = ChildJson.ReadOrder(ChildJson.Write(order))!;

        Assert.Equal(("app", TimeSpan.FromSeconds(7), IsolationMode.InProcess), (read.Name, read.Database.Timeouts.Lock, read.Database.Isolation));
        var (sent, own) = (Json(read.Database), Json(options));
        foreach (var property in typeof(DatabaseOptions).GetProperties().Select(property => property.Name).Except([nameof(options.Isolation), nameof(options.Timeouts)]))
            Assert.Equal(own[property]?.ToJsonString(), sent[property]?.ToJsonString());
        Assert.Equal(typeof(DatabaseOptions).GetProperties().Select(property => property.Name).Order(), sent.Select(property => property.Key).Order());

        static JsonObject Json(DatabaseOptions database) => JsonSerializer.SerializeToNode(database, ChildJson.Default.DatabaseOptions)!.AsObject();
    }

    private static DatabaseStatus Status() => new()
    {
        Name = "app",
        Provider = DatabaseProvider.Sqlite,
        Engine = EngineKind.Sql,
        Target = "data/app.db",
        Phase = MigrationPhase.Failed,
        Since = DateTimeOffset.UnixEpoch,
        Applied = [new AppliedMigration { Version = "1", Description = "a=\"b\"", Checksum = null, AppliedAt = null, DurationMs = 1, AppliedBy = null }],
        Running = new RunningMigration { Version = "2", Description = "b", Statement = 1, Statements = null, Line = 3, ElapsedMs = 4 },
        Blockers = [new Blocker { Pid = null, Program = null, Holds = "RESERVED", Resource = "app.db" }],
        Error = new MigrationError { Code = MigrationErrorCode.MigrationFailed, Message = "no such table: \u0001 ü", Applied = ["1"] },
    };

    /// <summary>The sample application with another program in the place of its child; the supervisor is the real one.</summary>
    private async Task<(int Code, string Said)> MigrateWithAsync(string script)
    {
        var program = _database.Folder.Write("fake.sh", $"#!/bin/sh\n[ \"$1\" = supervise ] && exec \"$REAL\" \"$@\"\nshift\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var application = new RunningProgram(
            MigrationHostProgram.OwnApp,
            ["migrate", .. _database.Arguments(("Databases:app:Isolation", "ChildProcess"))],
            _database.Folder.Path,
            new Dictionary<string, string?> { ["MIGRATIONHOST_PROGRAM"] = program, ["REAL"] = MigrationHostProgram.Path });
        var code = await application.ExitAsync();
        Assert.DoesNotContain("Unhandled", application.All, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-words", application.All, StringComparison.Ordinal);
        return (code, application.All);
    }
}
