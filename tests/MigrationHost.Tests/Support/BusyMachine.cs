using System.Diagnostics;

namespace MigrationHost.Tests.Support;

/// <summary>How much a machine that has other things to do adds to what a test looks at.</summary>
internal sealed class BusyMachine : IDisposable
{
    /// <summary>Seconds that whatever has a limit may come late there, and still has not hung.</summary>
    public const double Late = 30;

    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(5);

    private readonly Thread _thread;
    private volatile bool _over;
    private TimeSpan _longest;

    public BusyMachine()
    {
        _thread = new Thread(Look) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>For how long a thread that had something to do was kept waiting for a processor, at the most.</summary>
    public TimeSpan LongestStall => _longest;

    /// <summary>Does something on a thread of its own: in the pool it would measure how busy that is.</summary>
    public static Task ApartAsync(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        _over = true;
        _thread.Join();
    }

    private void Look()
    {
        while (!_over)
        {
            var began = Stopwatch.GetTimestamp();
            Thread.Sleep(Nap);
            _longest = Stopwatch.GetElapsedTime(began) - Nap is var stall && stall > _longest ? stall : _longest;
        }
    }
}
