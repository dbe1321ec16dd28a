using System.Collections.Concurrent;
using System.Diagnostics;
using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Span = System.Diagnostics.Activity;

namespace MigrationHost.Tests.Running;

/// <summary>What a start leaves in a trace.</summary>
public sealed class RunTraceTests : IDisposable
{
    private readonly ConcurrentBag<Span> _ended = [];
    private readonly Span _test = new Span("test").Start();
    private readonly ActivityListener _listener;

    public RunTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RunTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == _test.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                // Others may listen to the source, too, and have the spans of other tests made.
                if (span.TraceId == _test.TraceId)
                    _ended.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task A_start_is_one_trace_with_its_waits_its_migrations_and_the_verification()
    {
        Span.Current = _test;
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_fill", "INSERT INTO a VALUES (1);");
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.100"));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Blocked);
        await holder.ReleaseAsync();
        Assert.Null(await run);

        var start = Assert.Single(_ended, span => span.OperationName == "migrate app");
        Assert.Equal(("sqlite", "app", ActivityStatusCode.Ok), (start.GetTagItem("db.system.name"), start.GetTagItem("migrationhost.database"), start.Status));
        var first = Assert.Single(_ended, span => span.OperationName == "migration 1");
        var wait = Assert.Single(_ended, span => span.OperationName == "wait for lock");
        Assert.Equal((start.SpanId, first.SpanId), (first.ParentSpanId, wait.ParentSpanId));
        Assert.All(_ended, span => Assert.Equal(_test.TraceId, span.TraceId));
        Assert.Single(_ended, span => span.OperationName == "migration 2" && span.ParentSpanId == start.SpanId);
        Assert.Single(_ended, span => span.OperationName == "verify" && span.ParentSpanId == start.SpanId);
        var found = wait.Events.First(told => told.Name == "blocker found");
        Assert.Contains(KeyValuePair.Create("migrationhost.blocker.pid", (object?)holder.Pid), found.Tags);
        Assert.Contains(wait.Events.Concat(start.Events), told => told.Name == "blocker gone");
    }

    [Fact]
    public async Task A_failure_has_its_error_code()
    {
        Span.Current = _test;
        await using var database = new SqliteTestDatabase();
        database.Migration("1_break", "SELECT * FROM nowhere;");
        await using var host = database.Host();

        Assert.NotNull(await host.MigrateAsync());

        var start = Assert.Single(_ended, span => span.OperationName == "migrate app");
        Assert.Equal((ActivityStatusCode.Error, "MigrationFailed"), (start.Status, start.GetTagItem("error.type")));
    }

    [Fact]
    public async Task Many_migrations_are_events()
    {
        Span.Current = _test;
        await using var database = new SqliteTestDatabase();
        for (var i = 1; i <= 120; i++)
            database.Migration($"{i}_one", "SELECT 1;");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        var start = Assert.Single(_ended, span => span.OperationName == "migrate app");
        Assert.Equal((100, 20), (_ended.Count(span => span.OperationName.StartsWith("migration ", StringComparison.Ordinal)), start.Events.Count(told => told.Name == "migration")));
    }
}
