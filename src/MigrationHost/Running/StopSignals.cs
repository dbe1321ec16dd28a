using System.Runtime.InteropServices;

namespace MigrationHost.Running;

/// <summary>Remembers which signal told the process to stop. What else it does is up to whoever handles it.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly Action? _onStop;
    private PosixSignalRegistration[] _registrations = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PosixSignal? _first;

    /// <param name="onStop">What to do at the first one; it then does not end the process by itself.</param>
    public StopSignals(Action? onStop = null)
    {
        _onStop = onStop;
        ListenFirst();
    }

    /// <summary>Completes when the host is told to stop, by a signal or otherwise.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>128 and the signal's number, as a shell would say it.</summary>
    public int ExitCode => _first == PosixSignal.SIGINT ? ExitCodes.InterruptedBySigInt : ExitCodes.InterruptedBySigTerm;

    /// <summary>
    /// Is called before every registration so far. The newest registration is called first, and a host's own may
    /// have ended everything before the next is called.
    /// </summary>
    public void ListenFirst()
    {
        var before = _registrations;
        _registrations = [Listen(PosixSignal.SIGINT), Listen(PosixSignal.SIGTERM)];
        foreach (var registration in before)
            registration.Dispose();

        PosixSignalRegistration Listen(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
        {
            _first ??= signal;
            context.Cancel |= _onStop is not null;
            _onStop?.Invoke();
        });
    }

    /// <summary>The host is told to stop. It calls the newest registration first, and one of those before may block.</summary>
    public void Stop() => _stopped.TrySetResult();

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }
}
