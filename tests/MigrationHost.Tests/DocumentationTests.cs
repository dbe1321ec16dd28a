using System.Reflection;
using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests;

public sealed class DocumentationTests
{
    [Theory]
    [InlineData("README.md", "samples/own-app/Program.cs")]
    [InlineData("README.md", "samples/own-app/appsettings.json")]
    [InlineData("docs/recipes/aspire.md", "samples/recipes/aspire/Program.cs")]
    [InlineData("docs/testing.md", "samples/own-app-tests/OwnAppTests.cs")]
    public void A_page_shows_code_that_compiles_and_runs(string page, string file) =>
        Assert.Contains(Text(file).Trim(), Text(page), StringComparison.Ordinal);

    [Fact]
    public void The_readme_names_every_setting_with_its_default()
    {
        var readme = Text("README.md");
        var defaults = Timeouts.Default;
        foreach (var property in typeof(Timeouts).GetProperties().Where(property => property.PropertyType == typeof(TimeSpan)))
            Assert.Contains($"\"{property.Name}\": \"{property.GetValue(defaults)}\"", readme, StringComparison.Ordinal);
        foreach (var property in typeof(MigrationHostOptions).GetProperties().Concat(typeof(DatabaseOptions).GetProperties()))
            Assert.Contains(property.Name, readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_log_event_is_listed_with_its_id_its_name_and_its_message()
    {
        string[] events =
        [
            .. from method in typeof(Log).GetMethods()
               let message = method.GetCustomAttribute<LoggerMessageAttribute>()
               where message is not null
               orderby message.EventId
               let level = message.Level == LogLevel.None ? "as the source says" : $"{message.Level}"
               select $"| {message.EventId} | {method.Name} | {level} | `{message.Message.Replace("\n", "\\n", StringComparison.Ordinal)}` |",
        ];

        Assert.Equal(events, Text("docs/observability.md").Split('\n').SkipWhile(line => !line.StartsWith("| id |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|')));
        Assert.Equal(events.Length, typeof(Log).GetMethods().Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId).OfType<int>().Distinct().Count());
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(MigrationHostProgram.Repository, file));
}
