using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost;

/// <summary>Checks all settings before any database is touched, and lists every problem at once.</summary>
internal sealed class OptionsValidator(IHostEnvironment environment) : IValidateOptions<MigrationHostOptions>
{
    public const string NoDatabase =
        """
        no database is configured. Add one to appsettings.json:
        {
          "MigrationHost": {
            "Databases": {
              "app": {
                "Provider": "Sqlite",
                "ConnectionString": "Data Source=data/app.db",
                "Migrations": "migrations"
              }
            }
          }
        }
        or set MigrationHost__Databases__app__ConnectionString="Data Source=data/app.db" in the environment, with files such as migrations/1_create_users.sql
        """;

    public ValidateOptionsResult Validate(string? name, MigrationHostOptions options)
    {
        List<string> problems = [.. options.Problems, .. Problems(options)];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> Problems(MigrationHostOptions options)
    {
        if (options.Databases.Count == 0)
            yield return NoDatabase;
        if (Duration.Check(options.RetryInterval) is { } interval)
            yield return $"MigrationHost:RetryInterval: {interval}";
        if (options.ManagementUrl is { } url && !IsUrl(url))
            yield return $"MigrationHost:ManagementUrl: '{url}' is no address; write for example http://localhost:9090";
        foreach (var problem in TimeoutProblems("MigrationHost:Timeouts", options.Timeouts))
            yield return problem;
        foreach (var (name, database) in options.Databases)
        {
            var path = $"MigrationHost:Databases:{name}";
            if (!IsName(name))
                yield return $"{path}: '{name}' is no usable name: it appears in addresses and logs. Use letters, digits, '-', '_' and '.', beginning with a letter or digit, 63 at most";
            foreach (var problem in TimeoutProblems($"{path}:Timeouts", database.Timeouts))
                yield return problem;
            foreach (var problem in DatabaseProblems(name, database))
                yield return $"{path}:{problem}";
        }
    }

    private List<string> DatabaseProblems(string name, DatabaseOptions database)
    {
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(database.ConnectionString))
            problems.Add($"ConnectionString: is missing, and there is no ConnectionStrings:{name} either; write for example {Example(database.Provider)}");
        else if (database.Provider == DatabaseProvider.PostgreSql)
            PostgreSqlSettings.Read(database.ConnectionString, problems);
        else
            SqliteSettings.Read(database.ConnectionString, environment.ContentRootPath, problems);
        if (database.Engine == EngineKind.Alembic)
            problems.AddRange(AlembicReader.Problems("Alembic", database.Alembic ?? new AlembicOptions(), environment.ContentRootPath));
        if (database.Engine == EngineKind.Command)
            problems.AddRange(CommandReader.Problems("Command", database.Command, environment.ContentRootPath));
        if (database.Engine == EngineKind.Sql && database.Isolation == IsolationMode.ChildProcess && Tools.SupervisorProgram.Missing is { } program)
            problems.Add($"Isolation: {program}");
        if (database.Engine == EngineKind.Sql && FolderProblem(database.Migrations, Path.GetFullPath(database.Migrations, environment.ContentRootPath)) is { } folder)
            problems.Add($"Migrations: {folder}");
        return problems;
    }

    private static string Example(DatabaseProvider provider) => provider switch
    {
        DatabaseProvider.PostgreSql => "Host=db;Database=app;Username=app;Password=…",
        _ => "Data Source=data/app.db",
    };

    private static string? FolderProblem(string configured, string path)
    {
        if (File.Exists(path))
            return $"{configured} is a file, not a folder";
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries(path).GetEnumerator();
            entries.MoveNext();
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return $"the folder {configured} does not exist (looked for {path})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the folder {configured} cannot be read: {e.Message}";
        }
    }

    private static IEnumerable<string> TimeoutProblems(string path, TimeoutOptions timeouts) =>
        from setting in new (string Key, TimeSpan? Value)[]
        {
            (nameof(timeouts.DatabaseWait), timeouts.DatabaseWait), (nameof(timeouts.Turn), timeouts.Turn), (nameof(timeouts.Lock), timeouts.Lock), (nameof(timeouts.LockAttempt), timeouts.LockAttempt),
            (nameof(timeouts.Migration), timeouts.Migration), (nameof(timeouts.StallAfter), timeouts.StallAfter), (nameof(timeouts.Grace), timeouts.Grace),
        }
        where setting.Value is not null
        let problem = Duration.Check(setting.Value!.Value)
        where problem is not null
        select $"{path}:{setting.Key}: {problem}";

    private static bool IsUrl(string text) =>
        Uri.TryCreate(text.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal), UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');
}
