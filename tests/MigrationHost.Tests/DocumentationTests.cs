using MigrationHost.Tests.Support;

namespace MigrationHost.Tests;

public sealed class DocumentationTests
{
    [Theory]
    [InlineData("README.md", "samples/own-app/Program.cs")]
    [InlineData("README.md", "samples/own-app/appsettings.json")]
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

    private static string Text(string file) => File.ReadAllText(Path.Combine(MigrationHostProgram.Repository, file));
}
