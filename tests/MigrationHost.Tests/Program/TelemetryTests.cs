using System.Diagnostics;
using System.Runtime.InteropServices;
using MigrationHost.Api;
using MigrationHost.Masking;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace MigrationHost.Tests.Program;

/// <summary>What the program sends to a collector that the environment names.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class TelemetryTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private readonly PostgreSqlTestDatabase _database = new(cluster);

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id integer);");
        _database.Migration("2_fill", "INSERT INTO a VALUES (1);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("grpc", HttpProtocols.Http2, "Gate")]
    [InlineData("http/protobuf", HttpProtocols.Http1, "Block")]
    public async Task A_collector_gets_one_trace_of_the_start_and_every_metric(string protocol, HttpProtocols protocols, string startup)
    {
        await using var collector = await OtlpReceiver.StartAsync(protocols);
        await using (var program = Start(collector.Address, protocol, startup))
        {
            await ReadyAsync(program);
            program.Signal(PosixSignal.SIGTERM);
            Assert.Equal(0, await program.ExitAsync());
        }

        var spans = collector.Spans;
        var start = Assert.Single(spans, span => span.Name == "migrate app");
        Assert.All(spans, span => Assert.Equal(start.Trace, span.Trace));
        foreach (var name in new[] { "migration 1", "migration 2", "verify" })
            Assert.Equal(start.Id, Assert.Single(spans, span => span.Name == name).Parent);
        Assert.Contains(spans, span => span.Source == "Npgsql");
        Assert.DoesNotContain(spans, span => span.Tags.Contains("db.query.text"));
        Assert.Contains("migrationhost.ready", collector.Metrics);
        Assert.Contains("migrationhost.migration.duration", collector.Metrics);
        Assert.Equal("migrationhost", collector.Resource["service.name"]);
    }

    [Fact]
    public async Task A_collector_gets_the_trace_of_a_job_too_and_one_that_is_away_changes_nothing_of_it()
    {
        await using var collector = await OtlpReceiver.StartAsync(HttpProtocols.Http2);
        foreach (var address in new[] { collector.Address, "http://127.0.0.1:1" })
        {
            await using var program = MigrationHostProgram.StartWith(
                new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address }, _database.Folder.Path, ["migrate", .. _database.Arguments()]);
            Assert.Equal(0, await program.ExitAsync());
        }

        var start = Assert.Single(collector.Spans, span => span.Name == "migrate app");
        Assert.Equal(start.Id, Assert.Single(collector.Spans, span => span.Name == "migration 2").Parent);
    }

    [Theory]
    [InlineData("SELECT 'word-of-a-row'::int;", "22P02")]
    [InlineData("DO $$ BEGIN EXECUTE 'SELECT ''word-of-a-row'' FROM nowhere'; END $$;", "42P01")]
    public async Task What_the_database_quotes_of_a_statement_and_its_rows_does_not_leave(string sql, string state)
    {
        _database.Migration("3_break", sql);
        await using var collector = await OtlpReceiver.StartAsync(HttpProtocols.Http2);
        await using var program = MigrationHostProgram.StartWith(
            new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address }, _database.Folder.Path, ["migrate", .. _database.Arguments()]);

        Assert.Equal(4, await program.ExitAsync());
        Assert.True(collector.Says("exception.type") && collector.Says(state));
        Assert.False(collector.Says("word-of-a-row"));
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_up_nothing()
    {
        await using var program = Start("http://127.0.0.1:1", "grpc", "Gate");

        await ReadyAsync(program);
        program.Signal(PosixSignal.SIGTERM);

        Assert.Equal(0, await program.ExitAsync());
    }

    [Theory]
    [InlineData("otel:4317")]
    [InlineData("collector")]
    [InlineData("ftp://collector")]
    public void An_address_that_is_not_one_is_a_problem_of_the_settings(string address)
    {
        foreach (var variable in new[] { "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" })
        {
            var settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(variable, (string?)address)]).Build();

            var problem = Assert.Single(Telemetry.Problems(settings));

            Assert.StartsWith($"{variable}: is not an address", problem, StringComparison.Ordinal);
            Assert.DoesNotContain(address, problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false, null, "42601", "42601")]
    [InlineData(true, "ALTER ROLE app PASSWORD '***'", "42601: syntax error at '***'", "at '***'")]
    public void A_span_says_no_more_than_the_status(bool showsStatements, string? text, string failure, string description)
    {
        using var driver = new ActivitySource($"driver {Guid.NewGuid():N}");
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == driver,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);

        var options = new MigrationHostOptions();
        options.Databases["app"] = new() { ConnectionString = "Host=db;Password=s3cr3t-word", ShowStatements = showsStatements };
        using var privacy = new SpanPrivacy(driver.Name, Secrets.Of(options), options);
        using var start = new Activity("migrate app").Start();
        using var query = driver.StartActivity("query")!;
        query.AddException(new PostgresException("syntax error at 's3cr3t-word'", "ERROR", "ERROR", "42601"));
        query.SetTag("db.response.status_code", "42601").SetStatus(ActivityStatusCode.Error, "at 's3cr3t-word'");
        query.SetTag("db.query.text", "ALTER ROLE app PASSWORD 's3cr3t-word'").SetTag("migrationhost.description", "rotate s3cr3t-word");

        privacy.OnEnd(query);

        Assert.Equal((text, "rotate ***"), (query.GetTagItem("db.query.text"), query.GetTagItem("migrationhost.description")));
        var exception = Assert.Single(query.Events).Tags.ToDictionary(tag => tag.Key, tag => (string?)tag.Value);
        Assert.Equal((failure, "Npgsql.PostgresException"), (exception["exception.message"], exception["exception.type"]));
        Assert.DoesNotContain("s3cr3t-word", exception["exception.stacktrace"], StringComparison.Ordinal);
        Assert.Equal((ActivityStatusCode.Error, description), (query.Status, query.StatusDescription));
    }

    private RunningProgram Start(string collector, string protocol, string startup) => MigrationHostProgram.StartWith(
        new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol },
        _database.Folder.Path,
        ["serve", .. _database.Arguments(), "--urls", "http://127.0.0.1:0", $"--MigrationHost:Startup={startup}"]);

    private static Task ReadyAsync(RunningProgram program) =>
        Eventually.BecomesTrueAsync(() => program.All.Contains("ready at 2", StringComparison.Ordinal), () => program.All);
}
