using MigrationHost.Databases;
using MigrationHost.Http;
using MigrationHost.Masking;
using MigrationHost.Platform;
using Microsoft.Extensions.Options;

namespace MigrationHost.Hosting;

/// <summary>Checks all settings before any database is touched, and lists every problem at once.</summary>
internal sealed class OptionsValidator(ProviderRegistry providers, EngineRegistry engines, ContentRoot contentRoot, TestRun test)
    : IValidateOptions<MigrationHostOptions>
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
        or set MigrationHost__Databases__app__ConnectionString="Data Source=data/app.db" in the environment,
        """ + " with files such as migrations/1_create_users.sql";

    public ValidateOptionsResult Validate(string? name, MigrationHostOptions options)
    {
        var secrets = Secrets.Of(options);
        List<string> problems = [.. options.Problems.Concat(Problems(options)).Select(secrets.In)];
        return problems.Count == 0 ? ValidateOptionsResult.Success
            : test.IsOfFactory ? throw new MigrationException(Invalid(problems))
            : ValidateOptionsResult.Fail(problems);
    }

    private static MigrationError Invalid(List<string> problems) => new()
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = string.Join(Environment.NewLine, problems),
        Problems = [.. problems.Select(problem => new MigrationProblem(null, null, problem))],
    };

    private IEnumerable<string> Problems(MigrationHostOptions options)
    {
        if (options.Databases.Count == 0)
            yield return NoDatabase;
        if (Duration.Check(options.RetryInterval) is { } interval)
            yield return $"MigrationHost:RetryInterval: {interval}";
        if (options.MaxParallel is < 1 or > MigrationHostOptions.MostParallel)
            yield return $"MigrationHost:MaxParallel: is not a number from 1 to {MigrationHostOptions.MostParallel}";
        if (options.ManagementUrl is { } url && ListenAddress.ManagementProblem(url) is { } management)
            yield return $"MigrationHost:ManagementUrl: {management}";
        foreach (var problem in TimeoutProblems("MigrationHost:Timeouts", options.Timeouts))
            yield return problem;
        var index = 0;
        foreach (var (name, database) in options.Databases)
        {
            var path = DatabaseName.Path(name, index++);
            if (!DatabaseName.IsUsable(name))
                yield return $"{path}: {DatabaseName.Rule}";
            foreach (var problem in TimeoutProblems($"{path}:Timeouts", database.Timeouts))
                yield return problem;
            foreach (var problem in ProviderProblems(path, database, options.IgnoresDatabaseUrl).Concat(EngineProblems(path, database)))
                yield return problem;
        }
    }

    private IEnumerable<string> ProviderProblems(string path, DatabaseOptions database, bool hasUrl)
    {
        if (database.Refused.Contains(nameof(database.Provider)))
            return [];

        // Why there is none is told by whoever has looked for it, and of another provider's only that provider knows the form.
        if (database is { RegisteredAs: not null } and ({ ConnectionString: null } or { Provider: DatabaseProvider.Other }))
            return [];
        if (providers.Problem(database.Provider) is { } unknown)
            return [$"{path}:Provider: {unknown}"];
        var setting = (database.ConnectionString is null ? null : database.ConnectionStringSource) ?? $"{path}:ConnectionString";
        var problems = string.IsNullOrWhiteSpace(database.ConnectionString)
            ? [Missing(path, database, hasUrl)]
            : ConnectionProblems(database.ConnectionString, providers.Of(database.Provider!.Value));
        return problems.Select(problem => $"{setting}: {problem}");
    }

    private string[] EngineProblems(string path, DatabaseOptions database)
    {
        if (database.Refused.Contains(nameof(database.Engine)))
            return [];
        return engines.Problem(database.Engine) is { } unknown
            ? [$"{path}:Engine: {unknown}"]
            : BriefLook.Take<string[]>(
                () =>
                [
                    .. from problem in engines.Of(database.Engine).Problems(database, contentRoot.Path)
                       select $"{path}:{problem}",
                ],
                []);
    }

    private IReadOnlyList<string> ConnectionProblems(string connectionString, IProviderDescriptor provider) =>
        providers.Refusal(connectionString, provider.Kind) is { } refusal
            ? [refusal]
            : provider.Problems(connectionString, contentRoot.Path);

    private string Missing(string path, DatabaseOptions database, bool hasUrl)
    {
        var shared = database.ConnectionStringSource is { } source ? $", and there is no {source} either" : "";
        if (!hasUrl)
            return $"is missing{shared}; write for example {providers.Of(database.Provider!.Value).Example}";
        var variable = $"{path}:ConnectionString".Replace(":", "__", StringComparison.Ordinal);
        return $"is missing{shared}. {OptionsReader.DatabaseUrl} is set, but counts only if the configuration has no database: "
            + $"set {variable} to the same address";
    }

    private static IEnumerable<string> TimeoutProblems(string path, TimeoutOptions timeouts) => new[]
    {
        Problem(nameof(timeouts.DatabaseWait), timeouts.DatabaseWait), Problem(nameof(timeouts.Turn), timeouts.Turn),
        Problem(nameof(timeouts.Lock), timeouts.Lock), Problem(nameof(timeouts.LockAttempt), timeouts.LockAttempt),
        Problem(nameof(timeouts.Migration), timeouts.Migration), Problem(nameof(timeouts.Seeding), timeouts.Seeding),
        Problem(nameof(timeouts.StallAfter), timeouts.StallAfter), Problem(nameof(timeouts.Grace), timeouts.Grace),
    }.OfType<string>().Select(problem => $"{path}:{problem}");

    private static string? Problem(string key, TimeSpan? value) =>
        value is { } duration && Duration.Check(duration) is { } problem ? $"{key}: {problem}" : null;
}
