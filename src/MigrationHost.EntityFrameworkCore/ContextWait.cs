using MigrationHost.Databases;
using MigrationHost.Running;

namespace MigrationHost.EntityFramework;

/// <summary>Waits for a context that asks its server when it is made: <c>ServerVersion.AutoDetect</c>, for one.</summary>
/// <param name="source">Gives contexts.</param>
/// <param name="isLate">Whether it could not be made when the settings were read, so that it is still to be checked.</param>
internal sealed class ContextWait(ContextSource source, bool isLate)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns once the context can be made.</summary>
    /// <exception cref="MigrationException">It can be made, but not migrated.</exception>
    public async Task UntilMadeAsync(Watch watch)
    {
        using var wait = watch.NewWait(watch.Timeouts.DatabaseWait, MigrationErrorCode.DatabaseUnreachable, PollInterval);
        await wait.UntilAsync($"{source.Type.Name} to be made", () => ValueTask.FromResult(TryMake(watch, wait))).ConfigureAwait(false);
    }

    // The edge: what else comes of making it is for whoever uses it.
    private ContextSource? TryMake(Watch watch, Wait wait)
    {
        try
        {
            if (source.With(context => isLate ? ContextSettings.Problem(context) : null) is not { } problem)
                return source;
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.InvalidConfiguration,
                Message = $"{source.Type.Name}: {problem}",
            });
        }
        catch (ConnectionLostException e)
        {
            watch.State.Enter(MigrationPhase.Connecting);
            (wait.What, wait.Remedy) = ($"the server of {source.Type.Name} to come up ({e.Message})", e.Remedy);
            return null;
        }
        catch (Exception e) when (e is not MigrationException)
        {
            return source;
        }
    }
}
