using System.Globalization;
using MigrationHost.Platform;
using MigrationHost.Running;

namespace MigrationHost.Hosting;

/// <summary>
/// Keeps systemd informed of a service of <c>Type=notify</c>: the state in a sentence, more time to start while the watchdog sees
/// that the migration is under its limits, readiness, and life if its own watchdog asks for it.
/// </summary>
internal sealed class SystemdNotice(MigrationRuns runs, Watchdog watchdog, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>How much more time to start is asked for each time.</summary>
    private static readonly TimeSpan More = TimeSpan.FromSeconds(15);

    private readonly Lock _telling = new();
    private SystemdSocket? _socket;
    private ITimer? _timer;
    private TimeSpan? _watchdogEvery;
    private string _told = "";
    private bool _ready;

    /// <summary>Begins to tell, if systemd listens.</summary>
    /// <param name="environment">Reads a variable of the environment.</param>
    public void Start(Func<string, string?> environment)
    {
        _socket = SystemdSocket.Open(environment("NOTIFY_SOCKET"));
        if (_socket is null)
            return;

        // A process that inherits the variables of another one is not asked.
        var asked = environment("WATCHDOG_PID") is not { } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (asked && long.TryParse(environment("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0)
            _watchdogEvery = TimeSpan.FromMicroseconds(microseconds);
        _timer = time.CreateTimer(_ => Tell(), null, TimeSpan.Zero, _watchdogEvery / 3 is { } third && third < Every ? third : Every);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_telling)
        {
            _socket?.Dispose();
            _socket = null;
        }
    }

    private void Tell()
    {
        lock (_telling)
        {
            // The timer's last call may come after its end.
            if (_socket is null)
                return;
            var status = runs.State.Current;
            var (sentence, becomesReady) = (Sentence(status), status.Ready && !_ready);
            List<string> told = [];
            if (sentence != _told)
                told.Add($"STATUS={sentence}");
            if (becomesReady)
                told.Add("READY=1");
            else if (!_ready && watchdog.IsAlive && status.Phase > MigrationPhase.Stopped)
                told.Add(string.Create(CultureInfo.InvariantCulture, $"EXTEND_TIMEOUT_USEC={More.TotalMicroseconds:0}"));
            if (_watchdogEvery is not null && watchdog.IsAlive)
                told.Add("WATCHDOG=1");

            // What was not heard is told again the next time.
            if (told.Count > 0 && _socket.TryTell(told))
                (_told, _ready) = (sentence, _ready || becomesReady);
        }
    }

    private static string Sentence(MigrationStatus status) =>
        PlainText.Line(string.Join(" | ", status.Databases.Select(database => $"{database.Name}: {StatusSentence.Of(database)}")));
}
