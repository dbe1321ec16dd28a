using System.Net.Sockets;
using System.Text;
using MigrationHost.Hosting;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Hosting;

/// <summary>What a service tells systemd, on a socket like its own.</summary>
public sealed class SystemdNoticeTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _heard = [];
    private readonly byte[] _buffer = new byte[64 * 1024];

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        _socket.Bind(new UnixDomainSocketEndPoint(_database.Folder["notify"]));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _socket.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task It_hears_the_state_gives_more_time_while_it_is_blocked_and_hears_when_it_is_ready()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
        await using var program = new RunningProgram(
            MigrationHostProgram.Path,
            ["serve", .. _database.Arguments(("Timeouts:StallAfter", "00:00:00.200")), "--urls", "http://127.0.0.1:0"],
            _database.Folder.Path,
            new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = _database.Folder["notify"], ["WATCHDOG_USEC"] = "1500000" });

        await Hear(line => line.StartsWith("STATUS=app: ", StringComparison.Ordinal) && line.Contains($"blocked: sqlite3 (pid {holder.Pid})", StringComparison.Ordinal));
        await Hear(line => line == "EXTEND_TIMEOUT_USEC=15000000");
        await Hear(line => line == "WATCHDOG=1");
        Assert.DoesNotContain("READY=1", _heard);

        await holder.ReleaseAsync();
        await Hear(line => line == "READY=1");
        await Hear(line => line == "STATUS=app: ready at 1");
    }

    [Fact]
    public async Task A_timer_that_comes_late_finds_it_at_its_end()
    {
        await using var host = new TestHost(_database.Folder.Path, _database.Settings);
        var time = new LateTimer();
        var notice = new SystemdNotice(host.Runs, host.Watchdog, time);
        notice.Start(variable => variable == "NOTIFY_SOCKET" ? _database.Folder["notify"] : null);
        notice.Dispose();

        time.Call!(null);

        Assert.Equal(0, _socket.Available);
    }

    private sealed class LateTimer : TimeProvider
    {
        public TimerCallback? Call { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Call = callback;
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    // What is wanted may have come together with what was wanted before.
    private Task Hear(Func<string, bool> wanted) => Eventually.BecomesTrueAsync(
        async () =>
        {
            while (_socket.Available > 0)
            {
                var received = await _socket.ReceiveAsync(_buffer.AsMemory());
                _heard.AddRange(Encoding.UTF8.GetString(_buffer, 0, received).Split('\n'));
            }
            return _heard.Exists(line => wanted(line));
        },
        () => string.Join('\n', _heard));
}
