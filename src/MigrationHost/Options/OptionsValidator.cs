using MigrationHost.Databases.Connections;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Http;
using MigrationHost.Masking;
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
        var secrets = Secrets.Of(options);
        List<string> problems = [.. options.Problems.Concat(Problems(options)).Select(secrets.In)];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> Problems(MigrationHostOptions options)
    {
        if (options.Databases.Count == 0)
            yield return NoDatabase;
        if (Duration.Check(options.RetryInterval) is { } interval)
            yield return $"MigrationHost:RetryInterval: {interval}";
        if (options.ManagementUrl is { } url && ListenAddress.ManagementProblem(url) is { } management)
            yield return $"MigrationHost:ManagementUrl: {management}";
        foreach (var problem in TimeoutProblems("MigrationHost:Timeouts", options.Timeouts))
            yield return problem;
        foreach (var (index, (name, database)) in options.Databases.Index())
        {
            var path = DatabaseName.Path(name, index);
            if (!DatabaseName.IsUsable(name))
                yield return $"{path}: {DatabaseName.Rule}";
            foreach (var problem in TimeoutProblems($"{path}:Timeouts", database.Timeouts))
                yield return problem;
            if (database.Engine == EngineKind.EntityFramework && !database.IsRegistered)
                yield return $"{path}:Engine: a context is registered in code: AddMigrationHost(configuration).AddEntityFramework<TContext>()";
            foreach (var problem in ConnectionProblems(database))
                yield return $"{(database.ConnectionString is null ? null : database.ConnectionStringSource) ?? $"{path}:ConnectionString"}: {problem}";
            foreach (var problem in EngineProblems(database))
                yield return $"{path}:{problem}";
        }
    }

    private List<string> ConnectionProblems(DatabaseOptions database)
    {
        var problems = new List<string>();
        if (database.Engine == EngineKind.EntityFramework && database.ConnectionString is null)
            return problems;
        if (string.IsNullOrWhiteSpace(database.ConnectionString))
            problems.Add(
                $"is missing{(database.ConnectionStringSource is { } shared ? $", and there is no {shared} either" : "")}; write for example {Example(database.Provider)}");
        else if (ConnectionForm.Refusal(database.ConnectionString, database.Provider) is { } refusal)
            problems.Add(refusal);
        else if (database.Provider == DatabaseProvider.PostgreSql)
            PostgreSqlSettings.Read(database.ConnectionString, problems);
        else
            SqliteSettings.Read(database.ConnectionString, environment.ContentRootPath, problems);
        return problems;
    }

    private List<string> EngineProblems(DatabaseOptions database)
    {
        var problems = new List<string>();
        if (database.Engine == EngineKind.Alembic)
            problems.AddRange(AlembicReader.Problems("Alembic", database.Alembic ?? new AlembicOptions(), environment.ContentRootPath));
        if (database.Engine == EngineKind.Command)
            problems.AddRange(CommandReader.Problems("Command", database.Command, environment.ContentRootPath));
        if (database.Engine == EngineKind.Sql && database.Isolation == IsolationMode.ChildProcess && Tools.SupervisorProgram.Missing is { } program)
            problems.Add($"Isolation: {program}");
        if (database.Engine == EngineKind.Sql && FolderProblem(database.Migrations) is { } folder)
            problems.Add($"Migrations: {folder}");
        return problems;
    }

    private static string Example(DatabaseProvider provider) => provider switch
    {
        DatabaseProvider.PostgreSql => "Host=db;Database=app;Username=app;Password=…",
        _ => "Data Source=data/app.db",
    };

    private string? FolderProblem(string configured)
    {
        if (PathText.Problem(configured) is { } unusable)
            return unusable;
        var path = Path.GetFullPath(configured, environment.ContentRootPath);
        if (File.Exists(path))
            return $"{PathText.Show(configured)} is a file, not a folder";
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries(path).GetEnumerator();
            entries.MoveNext();
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return $"the folder {PathText.Show(configured)} does not exist (looked for {PathText.ShowFull(configured, environment.ContentRootPath)})";
        }
        catch (UnauthorizedAccessException)
        {
            return $"the folder {PathText.Show(configured)} cannot be read: give this process's user the right to read it";
        }
        catch (IOException e)
        {
            return $"the folder {PathText.Show(configured)} cannot be read{(PathText.Show(configured) == configured ? $": {e.Message}" : "")}";
        }
    }

    private static IEnumerable<string> TimeoutProblems(string path, TimeoutOptions timeouts) =>
        from setting in new (string Key, TimeSpan? Value)[]
        {
            (nameof(timeouts.DatabaseWait), timeouts.DatabaseWait), (nameof(timeouts.Turn), timeouts.Turn), (nameof(timeouts.Lock), timeouts.Lock), (nameof(timeouts.LockAttempt), timeouts.LockAttempt),
            (nameof(timeouts.Migration), timeouts.Migration), (nameof(timeouts.Seeding), timeouts.Seeding), (nameof(timeouts.StallAfter), timeouts.StallAfter), (nameof(timeouts.Grace), timeouts.Grace),
        }
        where setting.Value is not null
        let problem = Duration.Check(setting.Value!.Value)
        where problem is not null
        select $"{path}:{setting.Key}: {problem}";
}
