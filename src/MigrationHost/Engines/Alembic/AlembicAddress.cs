namespace MigrationHost.Engines.Alembic;

/// <summary>The address that Alembic will use, as far as it can be known without running env.py.</summary>
/// <param name="Url">The address; null where it cannot be known, or there is none.</param>
/// <param name="Source">Where it comes from, in words.</param>
/// <param name="File">The file that says so.</param>
/// <param name="Line">The line, counted from 1; null for an environment variable.</param>
/// <param name="Problem">Why there is no address; null where there is one or it cannot be known.</param>
internal sealed record AlembicAddress(AlembicUrl? Url, string Source, string? File, int? Line, string? Problem)
{
    /// <summary>Finds the address: an environment variable that env.py reads wins over alembic.ini; one that env.py makes up in code, or gets with an engine from the application, is not known.</summary>
    /// <param name="project">The project.</param>
    /// <param name="environment">The value of a variable in the tool's environment.</param>
    public static AlembicAddress Find(AlembicProject project, Func<string, string?> environment)
    {
        var env = project.Env?.Address;
        IReadOnlyList<string> variables = env?.Variables ?? [];
        foreach (var variable in variables)
        {
            if (environment(variable) is { } value && AlembicUrl.Parse(value) is { } fromEnvironment && IsDatabase(fromEnvironment))
                return new AlembicAddress(fromEnvironment, $"the environment variable {variable}", project.EnvFile, null, null);
        }
        if (env is { MakesEngine: false })
            return new AlembicAddress(null, project.EnvFile, project.EnvFile, null, null);
        var mayBeSet = variables.Count == 0 || variables.Any(variable => environment(variable) is not null);
        if ((mayBeSet ? env?.SetLine : env?.SetAnywayLine) is { } line)
            return new AlembicAddress(null, $"{project.EnvFile}:{line}", project.EnvFile, line, null);
        var ini = project.Ini.Find("sqlalchemy.url");
        if (ini is null)
            return new AlembicAddress(null, project.Ini.File, project.Ini.File, null, $"there is no sqlalchemy.url{Unset(variables)}");
        if (AlembicIni.HasReference(ini.Text))
            return new AlembicAddress(null, $"{project.Ini.File}:{ini.Line}", project.Ini.File, ini.Line, null);
        if (AlembicUrl.IsPlaceholder(ini.Text))
            return new AlembicAddress(null, project.Ini.File, project.Ini.File, ini.Line, "sqlalchemy.url is the template's placeholder");
        return AlembicUrl.Parse(ini.Text) is { } url
            ? new AlembicAddress(url, $"{project.Ini.File}:{ini.Line}", project.Ini.File, ini.Line, null)
            : new AlembicAddress(null, project.Ini.File, project.Ini.File, ini.Line, "sqlalchemy.url is no address");
    }

    private static string Unset(IReadOnlyList<string> variables) => variables.Count == 0 ? "" : $", and {string.Join(", ", variables.Distinct())} is not set";

    private static bool IsDatabase(AlembicUrl url) => url.IsSqlite || url.IsPostgreSql || url.Dialect is "mysql" or "mariadb" or "oracle" or "mssql" or "cockroachdb";
}
