using MigrationHost.Running;
using MigrationHost.Tools;

namespace MigrationHost.Engines.Alembic;

/// <summary>The texts of the failures around Alembic.</summary>
internal static class AlembicErrors
{
    public static MigrationException Target(string target, string problem) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"target {target}: {problem.TrimEnd('.')}",
        Hint = "Name head, heads, a revision or a branch's label@head; 'alembic history' shows them.",
    });

    public static MigrationException SeveralHeads(AlembicProject project)
    {
        var heads = project.Heads.Select(project.Find).OfType<AlembicRevision>().ToList();
        return new(new MigrationError
        {
            Code = MigrationErrorCode.HistoryMismatch,
            Message = $"{Heads(heads)}; 'alembic upgrade head' cannot know which one is meant",
            File = heads[^1].File,
            Line = heads[^1].Line,
            Hint = Join(project),
        });
    }

    /// <summary>Python has ended without an answer.</summary>
    /// <param name="config">The configuration, for people.</param>
    /// <param name="failure">Why, as Python wrote it; null if it wrote nothing.</param>
    /// <param name="exit">How it ended.</param>
    /// <param name="output">What it wrote.</param>
    public static MigrationException CannotBeAsked(string config, AlembicFailure? failure, ToolExit exit, IReadOnlyList<string> output) =>
        new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"Alembic cannot be asked about {config}: {failure?.ToString() ?? $"Python {exit.Describe()}"}",
        File = failure?.File,
        Line = failure?.Line,
        Output = output,
        Hint = failure?.Hint ?? "Correct what it says; 'alembic heads' in the same folder shows the same error.",
    });

    public static MigrationError NoAnswer(TimeSpan limit, string activity) => new()
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"Alembic cannot be asked: Python gave no answer within {Duration.Say(limit)} ({activity})",
        Hint = "A revision, or a module that it imports, does not return while it is imported: 'alembic heads' in the same folder hangs "
            + "as well. If it needs longer, raise Timeouts:DatabaseWait.",
    };

    public static MigrationException Several(AlembicProject project, int line) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{project.EnvFile}:{line}: one run of this env.py migrates several databases or schemas, and only one of them could "
            + "be proven",
        File = project.EnvFile,
        Line = line,
        Hint = "Configure one entry per database in MigrationHost:Databases, each with its own Alembic:Config (databases = NAME, in the "
            + "template multidb) or Alembic:Target; or use Engine: Command with a Verify command.",
    });

    public static MigrationException NameInCode(AlembicProject project, int line, string setting) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{project.EnvFile}:{line}: code decides "
            + $"the {(setting == nameof(AlembicOptions.VersionTable) ? "name" : "schema")} of the version table, so it is not known "
            + "without running env.py",
        File = project.EnvFile,
        Line = line,
        Hint = $"Set Alembic:{setting} to the value that context.configure receives there.",
    });

    public static MigrationException Driver(AlembicAddress address, string problem) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"the driver of Alembic's address cannot be imported: {problem.TrimEnd('.')} (address from {address.Source})",
        File = address.File,
        Line = address.Line,
        Hint = DriverRemedy,
    });

    public const string DriverRemedy = "Install the driver into the Python that runs alembic, or correct the scheme of the address "
        + "(dialect+driver://).";

    public static MigrationException OtherDatabase(AlembicAddress address, string mismatch) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{mismatch} (from {address.Source})",
        File = address.File,
        Line = address.Line,
        Hint = "Make sqlalchemy.url and ConnectionString name the same database; set the variables that env.py reads in "
            + "Alembic:Environment.",
    });

    public static MigrationException NoAddress(AlembicAddress address) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{address.Place}: {address.Problem}",
        File = address.File,
        Line = address.Line,
        Hint = "Write sqlalchemy.url = … with the address of this database, or set what env.py reads in Alembic:Environment.",
    });

    /// <summary>A setting, or a version, that cannot work.</summary>
    public static MigrationException Setting(string problem, string? remedy) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = problem,
        Hint = remedy,
    });

    public static MigrationException Unknown(AlembicProject project, IReadOnlyList<string> unknown) => new(new MigrationError
    {
        Code = MigrationErrorCode.HistoryMismatch,
        Message = $"the database is at {string.Join(", ", unknown)}, which no file in {string.Join(", ", project.Folders)} declares",
        File = project.Folders.Count > 0 ? project.Folders[0] : null,
        Hint = "Restore the revision's file, or deploy the release that has it: Alembic cannot upgrade from a revision that it does not "
            + "know.",
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
        Hint = failure.Hint ?? $"Correct what it says and start again. {ToolErrors.LastLines}, say more.",
    };

    public static MigrationError Locked(AlembicFailure failure, string? revision, ToolStall who, TimeSpan waited,
        DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.Blocked,
        Message = $"waited {Duration.Say(waited)} for the lock that alembic needs{In(revision)}: {failure.Error}; {who.Reason}",
        Version = revision,
        Applied = RunErrors.Applied(status),
        Hint = who.Remedy,
    };

    public static MigrationError NotProven(AlembicPlan now, ToolExit exit, AlembicProject project, DatabaseStatus status)
    {
        var fault = project.Env.WithoutTransaction.Concat(project.Env.Uncommitted).Cast<int?>().FirstOrDefault();
        var where = fault is null ? project.EnvFile : $"{project.EnvFile}:{fault}";
        return new MigrationError
        {
            Code = MigrationErrorCode.ToolFailed,
            Message = $"alembic reported success, but the database is still at {Place(now.Current)}: "
                + $"{(now.Pending.Count == 1 ? "1 revision is" : $"{now.Pending.Count} revisions are")} missing, "
                + $"beginning with {now.Pending[0].Id} {now.Pending[0].Message}",
            Version = now.Pending[0].Id,
            File = project.EnvFile,
            Line = fault,
            Applied = RunErrors.Applied(status),
            Output = exit.LastLines,
            Hint = "Nobody committed, another database was migrated, or env.py keeps the revisions in another version table. "
                + $"See {where}: run the migrations inside 'with context.begin_transaction()', commit an asynchronous connection "
                + "(async with engine.begin()), use this database's address, and set Alembic:VersionTable if it is not alembic_version; "
                + "'migrationhost doctor' checks this.",
        };
    }

    /// <summary>Adds to a failure what is half applied.</summary>
    public static MigrationError HalfApplied(MigrationError error, AlembicRevision revision, IReadOnlyList<string> current,
        IReadOnlyList<string> leftovers, AlembicPlace place) => error with
    {
        Message = $"{error.Message.TrimEnd('.')}. Half applied: {string.Join(", ", leftovers)} {Are(leftovers)} there, but the database "
            + $"is still at {Place(current)} and not at {revision.Id} ({revision.File})",
        Version = revision.Id,
        Hint = $"Alembic on SQLite has no transaction around a revision. {Mend(revision, leftovers, place)}."
            + (error.Code == MigrationErrorCode.ToolFailed || error.Hint is null ? "" : $" And: {error.Hint}"),
    };

    /// <summary>What to do about a revision that is half applied.</summary>
    public static string Mend(AlembicRevision revision, IReadOnlyList<string> leftovers, AlembicPlace place) =>
        $"Either undo by hand what appeared ({string.Join("; ", leftovers.Select(Undo))}) and start again; or do the rest "
            + $"of {revision.File} by hand and record it: alembic -c {place.Config} stamp {revision.Id}; or restore a backup";

    public static string Place(IReadOnlyList<string> current) => current.Count == 0 ? "nothing" : string.Join(", ", current);

    public static string Heads(IReadOnlyCollection<AlembicRevision> heads) =>
        $"there are {heads.Count} heads: {string.Join(", ", heads.Select(head => $"{head.Id} ({head.File})"))}";

    public static string Join(AlembicProject project) =>
        $"Join them: alembic merge -m \"merge\" {string.Join(' ', project.Heads)}; or set Alembic:Target to heads.";

    public static string Are(IReadOnlyCollection<string> names) => names.Count == 1 ? "is" : "are";

    private static string Undo(string name)
    {
        var space = name.IndexOf(' ', StringComparison.Ordinal);
        var (kind, what) = (name[..space], name[(space + 1)..]);
        return kind == "column" && what.Split('.') is [var table, var column]
            ? $"ALTER TABLE {table} DROP COLUMN {column}"
            : $"DROP {kind.ToUpperInvariant()} {what}";
    }

    private static string In(string? revision) => revision is null ? "" : $" in {revision}";
}
