using System.Runtime.InteropServices;
using MigrationHost.Output;

namespace MigrationHost.Commands;

/// <summary>
/// Ends the process at a signal that comes before anybody else handles it: while the program starts,
/// and in commands that have nothing to roll back.
/// </summary>
/// <remarks>
/// A container's first process is spared by the kernel if it has no handler: <c>docker stop</c> in that moment would be lost.
/// </remarks>
internal sealed class EarlyStop : IDisposable
{
    private readonly TaskCompletionSource<int> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public EarlyStop()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => End(context, ExitCodes.InterruptedBySigInt));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => End(context, ExitCodes.InterruptedBySigTerm));
    }

    /// <summary>
    /// The exit code of the work, or of a signal that nobody else has handled by then. The last words have had a moment to arrive.
    /// </summary>
    public async Task<int> RunAsync(Func<Task<int>> work)
    {
        var code = await (await Task.WhenAny(Task.Run(work), _stopped.Task).ConfigureAwait(false)).ConfigureAwait(false);
        await StandardOutput.FinishAsync().ConfigureAwait(false);
        return code;
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    // Who registers later is asked first, and says with Cancel that he sees to it.
    private void End(PosixSignalContext context, int exitCode)
    {
        if (context.Cancel)
            return;
        context.Cancel = true;
        _stopped.TrySetResult(exitCode);
    }
}
