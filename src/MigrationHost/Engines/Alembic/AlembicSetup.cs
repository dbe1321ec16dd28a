using MigrationHost.Scripts;

namespace MigrationHost.Engines.Alembic;

/// <summary>A project that was asked for and checked, and where its database is expected.</summary>
/// <param name="Project">The project.</param>
/// <param name="Target">The target as it is handed to Alembic.</param>
/// <param name="VersionTable">The table that keeps the revisions.</param>
/// <param name="VersionTableSchema">Its schema; null for the connection's own.</param>
internal sealed record AlembicSetup(AlembicProject Project, string Target, string VersionTable, string? VersionTableSchema)
{
    /// <summary>Checks everything that can be before a database is touched.</summary>
    /// <exception cref="MigrationException">Something is wrong.</exception>
    public static AlembicSetup Check(AlembicProject project, string target, AlembicOptions options, AlembicOwnDatabase own,
        AlembicPlace place)
    {
        if (AlembicVersionTable.Check(project.Versions).FirstOrDefault() is ({ } problem, { } remedy))
            throw AlembicErrors.Setting(problem, remedy);
        if (project.Several is { } several)
            throw AlembicErrors.Several(project, several);
        ScriptProblem.ThrowIfAny(project.Problems, []);
        if (project.TargetProblem is not null)
            throw project.SeveralHeads && target == "head" ? AlembicErrors.SeveralHeads(project)
                : AlembicErrors.Target(target, project.TargetProblem);
        if (project.Address.Problem is not null)
            throw AlembicErrors.NoAddress(project.Address);
        if (own.Mismatch(project.Address, place.WorkingDirectoryPath, strictly: false) is { } mismatch)
            throw AlembicErrors.OtherDatabase(project.Address, mismatch);
        if (project.Address.DriverProblem is { } driver)
            throw AlembicErrors.Driver(project.Address, driver);
        return new AlembicSetup(
            project,
            target,
            options.VersionTable
                ?? Known(project, project.Env.VersionTable, nameof(options.VersionTable))
                ?? AlembicDatabase.DefaultVersionTable,
            options.VersionTableSchema ?? Known(project, project.Env.VersionTableSchema, nameof(options.VersionTableSchema)));
    }

    /// <summary>
    /// Whether each revision is committed before the next begins: if the database has no transaction for it, or env.py says so.
    /// </summary>
    /// <param name="sqlite">Whether the database is SQLite.</param>
    public bool CommitsEach(bool sqlite) => Project.Env.CommitsEach || sqlite && Project.Env.CommitsEachOnSqlite;

    private static string? Known(AlembicProject project, AlembicEnvLine? argument, string setting) =>
        argument?.Line is { } line ? throw AlembicErrors.NameInCode(project, line, setting) : argument?.Name;
}
