using System.Reflection;
using System.Text.RegularExpressions;
using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests;

public sealed partial class DocumentationTests
{
    [Theory]
    [InlineData("docs/applications.md", "samples/own-app/Program.cs")]
    [InlineData("docs/applications.md", "samples/own-app/appsettings.json")]
    [InlineData("docs/recipes/aspire.md", "samples/recipes/aspire/Program.cs")]
    [InlineData("docs/testing.md", "samples/own-app-tests/OwnAppTests.cs")]
    public void A_page_shows_code_that_compiles_and_runs(string page, string file) =>
        Assert.Contains(Text(file).Trim(), Text(page), StringComparison.Ordinal);

    [Fact]
    public void The_page_of_settings_names_every_one_with_its_default()
    {
        var page = Text("docs/settings.md");
        var defaults = Timeouts.Default;
        foreach (var property in typeof(Timeouts).GetProperties().Where(property => property.PropertyType == typeof(TimeSpan)))
            Assert.Contains($"\"{property.Name}\": \"{property.GetValue(defaults)}\"", page, StringComparison.Ordinal);
        foreach (var property in typeof(MigrationHostOptions).GetProperties().Concat(typeof(DatabaseOptions).GetProperties()))
            Assert.Contains(property.Name, page, StringComparison.Ordinal);
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

    [Fact]
    public void Every_link_of_a_page_leads_to_a_file_and_a_heading()
    {
        var pages = new[] { "docs", "samples", "bench" }
            .SelectMany(folder => Directory.EnumerateFiles(FullPath(folder), "*.md", SearchOption.AllDirectories))
            .Append(FullPath("README.md"));
        var broken = from page in pages
                     from Match link in Link().Matches(Fence().Replace(File.ReadAllText(page), ""))
                     let target = link.Groups["target"].Value
                     where !Leads(page, target)
                     select $"{Path.GetRelativePath(MigrationHostProgram.Repository, page)}: {target}";

        Assert.Empty(broken);
    }

    private static bool Leads(string page, string target)
    {
        var (path, heading) = target.Split('#') is [var file, var anchor] ? (file, anchor) : (target, null);
        var full = path.Length == 0 ? page : Path.GetFullPath(path, Path.GetDirectoryName(page)!);
        return Path.Exists(full)
            && (heading is null || Heading().Matches(File.ReadAllText(full)).Any(found => Anchor(found.Groups["text"].Value) == heading));
    }

    // As GitHub makes it.
    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_'))
            .Replace(' ', '-');

    private static string FullPath(string file) => Path.Combine(MigrationHostProgram.Repository, file);

    private static string Text(string file) => File.ReadAllText(FullPath(file));

    [GeneratedRegex(@"\]\((?<target>(?!https?:)[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^ *```.*?^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
