using MigrationHost.Tools;

namespace MigrationHost.Engines.Alembic;

/// <summary>The texts of the failures around Alembic.</summary>
internal static class AlembicErrors
{
    public static MigrationException Target(string target, string problem) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"target {target}: {problem}",
        Hint = "Name head, heads, a revision or a branch's label@head; 'alembic history' shows them.",
    });

    public static MigrationException SeveralHeads(AlembicProject project, string problem) => new(new MigrationError
    {
        Code = MigrationErrorCode.HistoryMismatch,
        Message = $"{problem}; 'alembic upgrade head' cannot know which one is meant",
        File = project.Graph.Heads[^1].File,
        Line = project.Graph.Heads[^1].DownLine,
        Hint = $"Join them: alembic merge -m \"merge\" {string.Join(' ', project.Graph.Heads.Select(head => head.Id))}; or set Alembic:Target to heads.",
    });

    public static MigrationException OtherDatabase(AlembicAddress address, string mismatch) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{mismatch} (from {address.Source})",
        File = address.File,
        Line = address.Line,
        Hint = "Make sqlalchemy.url and ConnectionString name the same database; what env.py reads from the environment can be set in Alembic:Environment.",
    });

    public static MigrationException NoAddress(AlembicAddress address) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{(address.Line is null ? address.File : $"{address.File}:{address.Line}")}: {address.Problem}",
        File = address.File,
        Line = address.Line,
        Hint = "Write sqlalchemy.url = … with the address of this database, or set the variable that env.py reads in Alembic:Environment.",
    });

    public static MigrationException Versions(string problem, string remedy) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = problem,
        Hint = remedy,
    });

    public static MigrationException Unknown(AlembicProject project, IReadOnlyList<string> unknown) => new(new MigrationError
    {
        Code = MigrationErrorCode.HistoryMismatch,
        Message = $"the database is at {string.Join(", ", unknown)}, which no file in {string.Join(", ", project.VersionFolders)} declares",
        File = project.VersionFolders.Count > 0 ? project.VersionFolders[0] : null,
        Hint = "Restore the revision's file, or deploy the release that has it: Alembic cannot upgrade from a revision that it does not know.",
    });

    public static MigrationError Failed(ToolExit exit, AlembicFailure failure, string? revision, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.ToolFailed,
        Message = exit.Code is null ? $"alembic {exit.Describe()}{In(revision)}" : $"alembic failed{In(revision)}: {failure}",
        Version = revision,
        File = failure.File,
        Line = failure.Line,
        Applied = RunErrors.Applied(status),
        Output = exit.LastLines,
        Hint = failure.Hint ?? "Correct what it says and start again; its last lines are in the log above.",
    };

    public static MigrationError Locked(AlembicFailure failure, string? revision, string who, string? remedy, TimeSpan waited, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.Blocked,
        Message = $"waited {Duration.Say(waited)} for the lock that alembic needs{In(revision)}: {failure.Error}; {who}",
        Version = revision,
        Applied = RunErrors.Applied(status),
        Hint = remedy,
    };

    public static MigrationError NotProven(AlembicPlan now, ToolExit exit, AlembicProject project, DatabaseStatus status)
    {
        var faults = project.Env is { } env ? env.WithoutTransaction.Concat(env.BeginsUncommitted).Select(call => (int?)call.Line).ToList() : [];
        var where = faults.Count > 0 ? $"{project.EnvFile}:{faults[0]}" : project.EnvFile;
        return new MigrationError
        {
            Code = MigrationErrorCode.ToolFailed,
            Message = $"alembic reported success, but the database is still at {Place(now.Current)}: {now.Pending.Count} revisions are missing, beginning with {now.Pending[0].Id} {now.Pending[0].Message}",
            Version = now.Pending[0].Id,
            File = project.EnvFile,
            Line = faults.FirstOrDefault(),
            Applied = RunErrors.Applied(status),
            Output = exit.LastLines,
            Hint = $"Nobody committed, or another database was migrated. See {where}: run the migrations inside 'with context.begin_transaction()', commit an asynchronous connection (async with engine.begin()), and use this database's address; 'migrationhost doctor' checks all three.",
        };
    }

    /// <summary>Adds to a failure what is half applied.</summary>
    public static MigrationError HalfApplied(MigrationError error, AlembicRevision revision, IReadOnlyList<string> current, IReadOnlyList<string> leftovers, AlembicPlace place) => error with
    {
        Message = $"{error.Message}. Half applied: {string.Join(", ", leftovers)} {(leftovers.Count == 1 ? "is" : "are")} there, but the database is still at {Place(current)} and not at {revision.Id} ({revision.File})",
        Version = revision.Id,
        Hint = $"Alembic on SQLite has no transaction around a revision. Either undo by hand what appeared ({string.Join("; ", leftovers.Select(Undo))}) and start again; or do the rest of {revision.File} by hand and record it: alembic -c {place.Config} stamp {revision.Id}; or restore a backup.{(error.Code == MigrationErrorCode.ToolFailed || error.Hint is null ? "" : $" And: {error.Hint}")}",
    };

    public static string Place(IReadOnlyList<string> current) => current.Count == 0 ? "nothing" : string.Join(", ", current);

    private static string Undo(string name) =>
        name.StartsWith("column ", StringComparison.Ordinal) && name[7..].Split('.') is [var table, var column] ? $"ALTER TABLE {table} DROP COLUMN {column}" : $"DROP {name.ToUpperInvariant()[..name.IndexOf(' ', StringComparison.Ordinal)]}{name[name.IndexOf(' ', StringComparison.Ordinal)..]}";

    private static string In(string? revision) => revision is null ? "" : $" in {revision}";
}
