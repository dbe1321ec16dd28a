using System.Runtime.InteropServices;
using MigrationHost.Platform;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>What SQLite's result codes mean for a run, and what to do about them.</summary>
internal static class SqliteErrors
{
    public const string LeaveModeOut = "Leave Mode out of the connection string if this process is to apply migrations.";
    public const string CreateIt = "Create it, or leave Mode out of the connection string.";

    private const string FreeSomeSpace = "Free some space on the database's file system, or raise the quota, and start again.";
    private const string CheckTheDisk = "Check the disk, and the permissions of the file and its folder.";
    private const string NeedsNoTransaction = "Put it into a migration of its own whose first line is: -- migrationhost: transaction=none";

    /// <summary>The file cannot be opened, read or written.</summary>
    public static MigrationException Unreachable(SqliteSettings settings, SqliteFailure failure)
    {
        if (failure.IsFull)
            return Full(settings.Configured, failure);
        var cause = CauseOf(failure, settings.Path);
        var (problem, hint) = cause ?? ("cannot be used", CheckTheDisk);
        var more = cause is not null && IsOfItsCode(failure) ? "" : $": {failure.Message.TrimEnd('.')}";
        return Unreachable($"{settings.Configured} {problem}{more}", hint, failure);
    }

    /// <summary>Migrations are pending on a file that can only be read.</summary>
    public static MigrationException ReadOnly(SqliteSettings settings) => settings.ReadOnly
        ? Unreachable($"{settings.Configured} is not writable: it is opened with Mode=ReadOnly, and migrations are pending", LeaveModeOut)
        : Unreachable(settings, new SqliteFailure(raw.SQLITE_READONLY, "it can only be read, and migrations are pending"));

    /// <summary>The file does not exist and is not to be created.</summary>
    public static MigrationException Missing(SqliteSettings settings) => Unreachable(settings.Missing, CreateIt);

    /// <summary>The folder does not take a new file.</summary>
    /// <param name="database">The database, in words.</param>
    /// <param name="path">Its file.</param>
    /// <param name="why">Why not.</param>
    public static MigrationException FolderNotWritable(string database, string path, Exception why)
    {
        if (IsDiskFull(why))
            return Full(database, why);
        var (problem, hint) = NotWritable(path, why);
        return Unreachable($"{database} {problem}", hint, why);
    }

    /// <summary>Why the database's folder does not take a new file, as the end of a sentence about the database, and what to do.</summary>
    public static (string Problem, string Hint) NotWritable(string path, Exception why) =>
        why is UnauthorizedAccessException && SqliteAccess.FolderProblem(path) is { } known
            ? known
            : ($"is not writable: {why.Message}", FolderRemedy(why));

    /// <summary>SQLite itself is missing, or is that of another system.</summary>
    public static MigrationException NotLoaded(Exception why) => Unreachable(
        "the library of SQLite, e_sqlite3, cannot be loaded: it is not beside the program, or was made for another system than this one, "
            + RuntimeInformation.RuntimeIdentifier,
        $"Publish the application for the system that it runs on, 'dotnet publish -r {RuntimeInformation.RuntimeIdentifier}', "
            + "and copy all that is published (Alpine is linux-musl).",
        why);

    /// <summary>Something else is in the place of the file that says whose turn it is.</summary>
    public static MigrationException TurnFileUnusable(UnusableFileException why) => Unreachable(why.Message, why.Remedy, why);

    /// <summary>What helps if a folder does not take a new file.</summary>
    public static string FolderRemedy(Exception why) => why.HResult == LibC.ErrorReadOnlyFileSystem
        ? SqliteAccess.MountWritable
        : "Give this process's user write permission on the folder: SQLite puts its journal there, "
            + "and MigrationHost its file for the turn.";

    /// <summary>
    /// What happened to a statement: SQLite's own words, and what they leave out. Which file it was is
    /// not known: the script may have attached others.
    /// </summary>
    public static string Describe(SqliteFailure failure) =>
        failure.IsFull ? $"the disk is full: {failure.Message}"
        : failure.HasNoTemporaryFolder ? $"no folder for temporary files is writable: {failure.Message}"
        : IsOfSyntax(failure.Message) ? QuotedText.OneWord(failure.Message, "\"")
        : IsOfValue(failure.Message) ? QuotedText.Hidden(failure.Message, "'")
        : IsOfString(failure.Message) ? QuotedText.Hidden(failure.Message, "\"")
        : failure.Message + SystemWords(failure);

    /// <summary>What helps against an SQL error that has a known cause; null for any other.</summary>
    public static string? HintFor(SqliteFailure failure, string path) => failure.Code switch
    {
        _ when failure.IsFull => FreeSomeSpace,
        raw.SQLITE_ERROR when IsForbiddenInTransaction(failure.Message) => NeedsNoTransaction,
        raw.SQLITE_LOCKED => NeedsNoTransaction,
        raw.SQLITE_ERROR when failure.Message.StartsWith("near \".\"", StringComparison.Ordinal)
            => "Lines that begin with a dot are commands of the sqlite3 shell; write SQL in their place.",
        raw.SQLITE_CONSTRAINT when failure.ExtendedCode == raw.SQLITE_CONSTRAINT_FOREIGNKEY
            => "The script runs under foreign-keys=on: insert parents before children, or declare the key DEFERRABLE INITIALLY DEFERRED.",
        _ when failure.IsOfTheFile => CauseOf(failure, path)?.Hint ?? CheckTheDisk,
        _ => null,
    };

    // The result code first, if it is exact; otherwise the files are asked, since SQLite has one code for many causes.
    private static (string Problem, string Hint)? CauseOf(SqliteFailure failure, string path) => failure.Code switch
    {
        raw.SQLITE_NOTADB => ("is not an SQLite database, or is encrypted",
            "Point ConnectionString at the right file; an encrypted database needs a build of SQLite that can read it."),
        raw.SQLITE_CORRUPT => ("is damaged", "Restore it from a backup, or try the sqlite3 shell's .recover."),
        raw.SQLITE_READONLY when failure.ExtendedCode == raw.SQLITE_READONLY_ROLLBACK => (
            "has a hot journal left by a process that was killed while it wrote",
            "Run 'migrationhost migrate' or open it with any program that may write: SQLite then restores the last committed state."),
        raw.SQLITE_READONLY when failure.ExtendedCode == raw.SQLITE_READONLY_DBMOVED
            => ("was moved, replaced or deleted while it was open here", "Find out which program does that, and start again."),
        _ when failure.HasNoTemporaryFolder => (
            "has no folder for temporary files that this process may write to", SqliteTemporaryFolder.Remedy),
        _ when failure.IsReadOnlyFileSystem => ("is not writable, since its file system is mounted read-only", SqliteAccess.MountWritable),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_IOERR when SqliteAccess.Problem(path) is { } problem => problem,
        raw.SQLITE_READONLY => (
            "is not writable", "Give this process's user write permission on the file and on its folder, where SQLite puts its journal."),
        raw.SQLITE_CANTOPEN => (
            "cannot be opened", "Check that the folder exists and that this process's user may enter it, and read and write the file."),
        raw.SQLITE_IOERR => ($"cannot be read or written{SystemWords(failure)}",
            "Look into the system's log (dmesg) for errors of the disk, and check the disk and its file system before the next start."),
        _ => null,
    };

    // What SQLite says of every failure with its code adds nothing to a cause that is known.
    private static bool IsOfItsCode(SqliteFailure failure) =>
        failure.Message.Contains(raw.sqlite3_errstr(failure.Code).utf8_to_string(), StringComparison.Ordinal);

    private static string SystemWords(SqliteFailure failure) =>
        failure.SystemError is { } error ? $" ({System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)})" : "";

    private static bool IsOfSyntax(string message) =>
        message.EndsWith(": syntax error", StringComparison.Ordinal)
        || message.StartsWith("unrecognized token: ", StringComparison.Ordinal);

    // A text in the quotes of a name: no such column: "…" - should this be a string literal in single-quotes?
    private static bool IsOfString(string message) => message.Contains("string literal", StringComparison.Ordinal);

    // Of a constraint without a name it quotes the condition.
    private static bool IsOfValue(string message) =>
        message.StartsWith("CHECK constraint failed: ", StringComparison.Ordinal)
        || message.StartsWith("bad JSON path: ", StringComparison.Ordinal);

    // DETACH in a transaction says that the database is locked, without the code for it.
    private static bool IsForbiddenInTransaction(string message) =>
        message.Contains("from within a transaction", StringComparison.Ordinal)
        || message.Contains("inside a transaction", StringComparison.Ordinal)
        || message.StartsWith("database ", StringComparison.Ordinal) && message.EndsWith(" is locked", StringComparison.Ordinal);

    private static MigrationException Unreachable(string message, string hint, Exception? why = null) =>
        new(new MigrationError { Code = MigrationErrorCode.DatabaseUnreachable, Message = message, Hint = hint }, why);

    private static MigrationException Full(string path, Exception why) => new(new MigrationError
    {
        Code = MigrationErrorCode.MigrationFailed,
        Message = $"{path} cannot grow: the disk is full",
        Hint = FreeSomeSpace,
    }, why);

    // ENOSPC and EDQUOT of Linux, ENOSPC of macOS is the same, ERROR_DISK_FULL of Windows.
    private static bool IsDiskFull(Exception why) => why is IOException { HResult: 28 or 122 or unchecked((int)0x80070070) };
}
