using System.Runtime.ExceptionServices;

namespace MigrationHost.Platform;

/// <summary>Looks at files before there is a run that could show that one does not answer, as on a network mount that is gone.</summary>
internal static class BriefLook
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Looks for at most five seconds.</summary>
    /// <param name="look">What to do; it has a thread of its own.</param>
    /// <param name="unanswered">What to go by if it does not return: that nothing is wrong. Whoever needs the file later has a limit.</param>
    public static T Take<T>(Func<T> look, T unanswered)
    {
        var found = unanswered;
        Exception? failure = null;
        var thread = BackgroundThread.Start("migrationhost-look", () => found = look(), e => failure = e);
        if (!thread.Join(Longest))
            return unanswered;
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        return found;
    }
}
