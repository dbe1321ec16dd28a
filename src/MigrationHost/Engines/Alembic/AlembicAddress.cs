namespace MigrationHost.Engines.Alembic;

/// <summary>The address that Alembic will use, as far as it can be known without running env.py.</summary>
/// <param name="Url">The address; null where it cannot be known, or there is none.</param>
/// <param name="Source">Where it comes from, in words.</param>
/// <param name="File">The file that says so.</param>
/// <param name="Line">The line, counted from 1; null for an environment variable.</param>
/// <param name="Problem">Why there is no address; null where there is one or it cannot be known.</param>
internal sealed record AlembicAddress(AlembicUrl? Url, string Source, string? File, int? Line, string? Problem)
{
    /// <summary>Finds the address: an environment variable that env.py reads wins over alembic.ini; one that env.py makes up in code is not known.</summary>
    /// <param name="project">The project.</param>
    /// <param name="environment">The value of a variable in the tool's environment.</param>
    public static AlembicAddress Find(AlembicProject project, Func<string, string?> environment)
    {
        foreach (var variable in project.Env?.UrlVariables ?? [])
        {
            if (environment(variable) is { } value && AlembicUrl.Parse(value) is { } fromEnvironment && IsDatabase(fromEnvironment))
                return new AlembicAddress(fromEnvironment, $"the environment variable {variable}", project.EnvFile, null, null);
        }
        var inCode = project.Env?.SetsUrlLine;
        var ini = project.Ini.Find("sqlalchemy.url");
        var knowsNoVariable = project.Env?.UrlVariables.All(variable => environment(variable) is null) ?? true;
        if (inCode is { } line && (project.Env!.UrlVariables.Count == 0 || !knowsNoVariable))
            return new AlembicAddress(null, $"{project.EnvFile}:{line}", project.EnvFile, line, null);
        if (ini is null)
            return new AlembicAddress(null, project.Ini.File, project.Ini.File, null, $"there is no sqlalchemy.url{Unset(project.Env?.UrlVariables ?? [])}");
        if (AlembicUrl.IsPlaceholder(ini.Text))
            return new AlembicAddress(null, project.Ini.File, project.Ini.File, ini.Line, "sqlalchemy.url is the template's placeholder");
        return AlembicUrl.Parse(ini.Text) is { } url
            ? new AlembicAddress(url, $"{project.Ini.File}:{ini.Line}", project.Ini.File, ini.Line, null)
            : new AlembicAddress(null, project.Ini.File, project.Ini.File, ini.Line, "sqlalchemy.url is no address");
    }

    private static string Unset(IReadOnlyList<string> variables) => variables.Count == 0 ? "" : $", and {string.Join(", ", variables.Distinct())} is not set";

    private static bool IsDatabase(AlembicUrl url) => url.IsSqlite || url.IsPostgreSql || url.Dialect is "mysql" or "mariadb" or "oracle" or "mssql" or "cockroachdb";
}
