using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Tells that a database can be reached by a name beside which its journals are not.</summary>
/// <remarks>
/// SQLite looks for the journal and the write-ahead log by the name with which a file is opened. By another one committed data is not seen,
/// or written over: <see href="https://www.sqlite.org/howtocorrupt.html#_multiple_links_to_the_same_file"/>
/// </remarks>
internal static class SqliteSecondName
{
    /// <param name="path">The file.</param>
    /// <param name="shown">The file for messages.</param>
    public static PlanWarning? Of(string path, string shown) => FileStatus.Of(path) switch
    {
        { IsMount: true } => new PlanWarning(
            $"{shown} is mounted as a single file, so that its journal and write-ahead log are outside of that mount: if the container is "
                + "removed after a crash, committed data is lost with them",
            "Mount the folder that the database is in."),
        { Names: > 1 and var names } => new PlanWarning(
            $"{shown} has {names} names in its file system (hard links): a program that opens it by another one does not see its journal "
                + "and write-ahead log, and damages it",
            $"Find the others with 'find / -xdev -samefile {path}', and remove them or replace each by a copy."),
        _ => null,
    };
}
