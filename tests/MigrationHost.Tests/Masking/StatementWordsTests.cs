using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Masking;

/// <summary>A statement can have a password in it that nobody knows to be one: its words are shown only where that was asked for.</summary>
public sealed class StatementWordsTests : IAsyncLifetime
{
    private const string Secret = "Zq7xKw9v";

    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_user", $"INSERT INTO nowhere VALUES ('{Secret}');");
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("INSERT INTO a VALUES (1 '" + Secret + "');")]
    [InlineData("INSERT INTO a VALUES ('" + Secret + ");")]
    public async Task A_syntax_error_does_not_quote_a_string(string script)
    {
        _database.Migration("1_user", script);
        await using var host = _database.Host();

        Assert.Equal(1, (await host.MigrateAsync())?.Line);
        Assert.All([.. host.Log.All, $"{host.Status}"], text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_text_in_the_quotes_of_a_name_is_not_quoted_in_the_error()
    {
        _database.Migration("1_user", $"CREATE TABLE a (x);\nINSERT INTO a VALUES (\"{Secret}\");");
        await using var host = _database.Host();

        Assert.Equal(2, (await host.MigrateAsync())?.Line);
        Assert.All([.. host.Log.All, $"{host.Status}"], text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("InProcess")]
    [InlineData("ChildProcess")]
    public async Task The_words_of_a_statement_that_fails_are_neither_logged_nor_answered(string isolation)
    {
        await using var host = _database.Host(("Databases:app:Isolation", isolation));

        var error = await host.MigrateAsync();

        Assert.Equal(("migrations/1_user.sql", 1), (error!.File, error.Line));
        Assert.All([.. host.Log.All, $"{error}", $"{host.Status}"], text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("InProcess")]
    [InlineData("ChildProcess")]
    public async Task With_show_statements_they_are_shown(string isolation)
    {
        await using var host = _database.Host(("Databases:app:Isolation", isolation), ("Databases:app:ShowStatements", "true"));

        var error = await host.MigrateAsync();

        Assert.Contains(Secret, error!.Statement, StringComparison.Ordinal);
        Assert.Null(error.Verbatim);
        Assert.Contains(host.Log.All, line => line.Contains(Secret, StringComparison.Ordinal));
    }
}
