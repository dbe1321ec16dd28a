using System.Runtime.InteropServices;

namespace MigrationHost;

/// <summary>Remembers which signal told the process to stop. What else it does is up to whoever handles it.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private PosixSignal? _first;

    /// <param name="onStop">What to do at the first one; it then does not end the process by itself.</param>
    public StopSignals(Action? onStop = null) => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            _first ??= signal;
            context.Cancel |= onStop is not null;
            onStop?.Invoke();
        })),
    ];

    /// <summary>128 and the signal's number, as a shell would say it.</summary>
    public int ExitCode => _first == PosixSignal.SIGINT ? ExitCodes.InterruptedBySigInt : ExitCodes.InterruptedBySigTerm;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }
}
