using System.Data.Common;
using System.Net.Sockets;

namespace MigrationHost.EntityFramework;

/// <summary>What a provider throws of which nothing is known but that it is one.</summary>
internal static class OtherErrors
{
    /// <summary>Whether it comes from the database or the way to it, and not from code. An execution strategy wraps what it has tried again
    /// in vain.</summary>
    public static bool IsOfTheDatabase(Exception e) => Cause(e) is not null;

    /// <summary>What it says.</summary>
    public static string Words(Exception e) => (Cause(e) ?? e).Message.TrimEnd('.');

    private static Exception? Cause(Exception? e) => e switch
    {
        null => null,
        DbException or TimeoutException or IOException or SocketException => e,
        _ => Cause(e.InnerException),
    };
}
