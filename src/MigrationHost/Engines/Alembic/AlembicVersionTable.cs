namespace MigrationHost.Engines.Alembic;

/// <summary>Which versions of Python, Alembic and SQLAlchemy go together. Its sources stand in docs/alembic.md.</summary>
internal static class AlembicVersionTable
{
    private static readonly (Version Alembic, Version Python, Version SqlAlchemy)[] Needs =
    [
        (new(1, 20), new(3, 10), new(2, 0)),
        (new(1, 17), new(3, 10), new(1, 4)),
        (new(1, 15), new(3, 9), new(1, 4)),
        (new(1, 13), new(3, 8), new(1, 3)),
        (new(1, 8), new(3, 7), new(1, 3)),
        (new(1, 5), new(3, 6), new(1, 3)),
    ];

    /// <summary>From this version on Alembic compares the types of columns unless told otherwise.</summary>
    public static readonly Version ComparesTypes = new(1, 12);

    /// <summary>
    /// From this version on SQLAlchemy begins a transaction with the first statement and rolls it back unless the code commits.
    /// </summary>
    public static readonly Version BeginsByItself = new(2, 0);

    private static readonly Version OldestAlembic = new(1, 5);
    private static readonly Version Python313 = new(3, 13);
    private static readonly Version SqlAlchemyForPython313 = new(2, 0, 31);

    /// <summary>What does not go together, each with the change to make.</summary>
    public static IEnumerable<(string Problem, string Remedy)> Check(AlembicVersions versions)
    {
        if (versions.Alembic is { } alembic)
        {
            if (alembic < OldestAlembic)
                yield return ($"Alembic {alembic} is older than {OldestAlembic}, the oldest that MigrationHost knows",
                    "Install a newer one: pip install --upgrade alembic");
            var need = Array.Find(Needs, need => alembic >= need.Alembic);
            if (need.Alembic is not null && versions.Python is { } python && python < need.Python)
                yield return ($"Alembic {alembic} needs Python {need.Python} or newer, and this is Python {python}",
                    $"Use Python {need.Python} or newer, or an older Alembic.");
            if (need.Alembic is not null && versions.SqlAlchemy is { } sqlAlchemy && sqlAlchemy < need.SqlAlchemy)
                yield return ($"Alembic {alembic} needs SQLAlchemy {need.SqlAlchemy} or newer, and this is SQLAlchemy {sqlAlchemy}",
                    "Install a newer one: pip install --upgrade sqlalchemy");
        }
        if (versions is { Python: { } newPython, SqlAlchemy: { } oldSqlAlchemy } && newPython >= Python313
            && oldSqlAlchemy < SqlAlchemyForPython313)
            yield return ($"SQLAlchemy {oldSqlAlchemy} does not run on Python {newPython}: 3.13 needs {SqlAlchemyForPython313} or newer",
                "Install a newer one: pip install --upgrade sqlalchemy; or use Python 3.12.");
    }
}
