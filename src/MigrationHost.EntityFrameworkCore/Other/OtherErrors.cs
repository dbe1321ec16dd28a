using System.ComponentModel;
using System.Data.Common;
using System.Net.Sockets;
using MigrationHost.Databases;
using Microsoft.EntityFrameworkCore.Storage;

namespace MigrationHost.EntityFramework;

/// <summary>What a provider throws of which nothing is known but that it is one.</summary>
internal static class OtherErrors
{
    /// <summary>Whether it comes from the database or the way to it, and not from code. An execution strategy wraps what it has tried again
    /// in vain.</summary>
    public static bool IsOfTheDatabase(Exception e) => Cause(e) is not null;

    /// <summary>What it says.</summary>
    public static string Words(Exception e) => (Cause(e) ?? e).Message.TrimEnd('.');

    /// <summary>Whether it was a lock or a limit of time: the same may succeed later.</summary>
    public static bool MayPass(Exception? e) => e switch
    {
        null => false,

        // A driver says so of what passes; SqlClient has what the system says below its own, when a time is over.
        DbException { IsTransient: true } or TimeoutException or Win32Exception => true,

        // A provider's execution strategy has tried it again in vain, or would, if it were told to.
        RetryLimitExceededException or InvalidOperationException { InnerException: DbException } => true,
        _ => MayPass(e.InnerException),
    };

    private static Exception? Cause(Exception? e) => e switch
    {
        null => null,
        DbException or TimeoutException or IOException or SocketException or ConnectionLostException => e,
        _ => Cause(e.InnerException),
    };
}
