using MigrationHost.Databases;
using MigrationHost.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Support;

/// <summary>The library's services in the test's own process, without a web host.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly LogLines _log = new();
    private readonly Outbox _outbox;

    /// <param name="contentRoot">What relative paths count from.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="add">What the application adds.</param>
    public TestHost(string contentRoot, IEnumerable<KeyValuePair<string, string?>> settings, Action<MigrationHostBuilder>? add = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = contentRoot });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddProvider(_log).SetMinimumLevel(LogLevel.Trace);
        var migrations = builder.Services.AddMigrationHost(builder.Configuration);
        add?.Invoke(migrations);
        _host = builder.Build();
        _outbox = _host.Services.GetRequiredService<Outbox>();
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>What was logged until now: lines leave through the outbox.</summary>
    public LogLines Log
    {
        get
        {
            Assert.True(_outbox.DrainAsync(TimeSpan.FromMinutes(1)).GetAwaiter().GetResult());
            return _log;
        }
    }

    public MigrationRuns Runs => _host.Services.GetRequiredService<MigrationRuns>();

    public DatabaseRun Run => Runs.All[0];

    public DatabaseStatus Status => Run.State.Read();

    /// <summary>The status of a moment at which it is like this. What is read once more may be another: between two attempts nobody is in the way.</summary>
    public Task<DatabaseStatus> StatusAsync(Func<DatabaseStatus, bool> condition) =>
        Eventually.GivesAsync(() => Task.FromResult((DatabaseStatus?)Status), condition, () => Status.ToString());

    public Watchdog Watchdog => _host.Services.GetRequiredService<Watchdog>();

    public Task<MigrationError?> MigrateAsync(CancellationToken stopping = default) => Run.MigrateAsync(null, null, stopping);

    /// <summary>A fresh diagnosis. One that a busy machine has given no time to finish is asked for again.</summary>
    public Task<LockDiagnosis> DiagnoseAsync() => Eventually.GivesAsync(async () => (LockDiagnosis?)await Run.Diagnostician.TakeAsync(TimeSpan.Zero), diagnosis => !diagnosis.Failed);

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)_host).DisposeAsync();
}
