using MigrationHost.Engines.Alembic;
using MigrationHost.Running;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging.Abstractions;

namespace MigrationHost.Tests.Support;

/// <summary>Asks the real Alembic about a project.</summary>
internal static class AlembicAsk
{
    public static AlembicPlace Place(AlembicFolder folder, AlembicOptions? options = null) =>
        new(null, options?.Config ?? "alembic.ini", folder.Path);

    public static Task<AlembicProject> AskAsync(this AlembicFolder folder, string target = "head", params string[] current) =>
        folder.AskAsync(new AlembicOptions(), target, current);

    public static async Task<AlembicProject> AskAsync(this AlembicFolder folder, AlembicOptions options, string target = "head",
        params string[] current)
    {
        var (interpreter, problem) = AlembicInterpreter.Find(options, folder.Path);
        Assert.Null(problem);
        var tool = new ToolCommand
        {
            Name = "alembic",
            Executable = options.Executable,
            WorkingDirectory = folder.Path,
            Environment = options.Environment.Select(pair =>
                KeyValuePair.Create(pair.Key, (string?)pair.Value)).Prepend(KeyValuePair.Create("DATABASE_URL", (string?)null))
                .GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Last().Value),
        };
        var state = new DatabaseState("shop", DatabaseProvider.Sqlite, EngineKind.Alembic, "shop.db", TimeProvider.System);
        using var watch = new Watch(state.BeginAttempt(), Timeouts.Default, NoLookout, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        return await new AlembicQuestion("shop", tool, interpreter!, Place(folder, options), Timeouts.Default, TimeProvider.System,
            NullLogger.Instance).AskAsync(target, current, watch);
    }

    /// <summary>Replaces the project's revisions.</summary>
    /// <param name="folder">The project.</param>
    /// <param name="graph">Such as "a: b:a c:a d:b+c": each with what it follows; "d:a*b" depends on b besides; "e@x:" begins the
    /// branch x.</param>
    public static void Graph(this AlembicFolder folder, string graph)
    {
        foreach (var file in Directory.GetFiles(folder["migrations/versions"]))
            File.Delete(file);
        foreach (var (text, index) in graph.Split(' ').Select((text, index) => (text, index)))
        {
            var (name, after) = (text.Split(':')[0].Split('@'), text.Split(':')[1].Split('*'));
            folder.Write($"migrations/versions/{name[0]}_{index}.py", $"""
                "message of {name[0]}"
                revision = "{name[0]}"
                down_revision = {Tuple(after[0].Split('+', StringSplitOptions.RemoveEmptyEntries))}
                depends_on = {Tuple(after[1..])}
                branch_labels = {Tuple(name[1..])}
                def upgrade(): pass
                """);
        }
    }

    private static Task<Finding> NoLookout(TimeSpan maxAge, TimeSpan within) => throw new InvalidOperationException("nothing waits for a lock here");

    private static string Tuple(string[] names) => names.Length == 0 ? "None" : $"({string.Concat(names.Select(name => $"'{name}', "))})";
}
