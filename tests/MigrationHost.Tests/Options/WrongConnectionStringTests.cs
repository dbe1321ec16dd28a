using MigrationHost.Databases.PostgreSql;
using MigrationHost.Hosting;
using MigrationHost.Masking;
using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Tests.Options;

/// <summary>Whatever shape a wrong connection string has, and wherever it is: no message echoes a part of it.</summary>
public sealed class WrongConnectionStringTests : IDisposable
{
    private const string Secret = "Zq7xKw9v";

    private readonly TempFolder _folder = new();

    public WrongConnectionStringTests() => Directory.CreateDirectory(_folder["migrations"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_most_common_shapes_of_a_wrong_connection_string_echo_nothing()
    {
        var shapes = Shapes().Distinct().ToList();
        Assert.True(shapes.Count > 2000, $"{shapes.Count}");

        var refused = 0;
        string?[] providers = [null, "Sqlite", "PostgreSql", "MySql"]; // in turn: the next shape is nearly the same one
        foreach (var (index, shape) in shapes.Index())
        {
            refused += EchoesNothing(shape, ("MigrationHost:Databases:app:Provider", providers[index % providers.Length]),
                ("MigrationHost:Databases:app:ConnectionString", shape)) ? 1 : 0;
        }
        Assert.True(refused > 2000, $"{refused} of {shapes.Count} were refused");
    }

    [Theory]
    [InlineData("postgres://app:Zq7xKw9v@db/shop")]
    [InlineData("Host=db;Username=app;Password=Zq7xKw9v;Database=shop")]
    [InlineData("host=db user=app password=Zq7xKw9v dbname=shop")]
    [InlineData("Data Source=app.db;Password=Zq7xKw9v")]
    [InlineData("mysql://app:Zq7xKw9v@db/shop")]
    [InlineData("app:Zq7xKw9v@db/shop")]
    public void A_connection_string_in_the_wrong_setting_is_not_echoed(string text)
    {
        const string app = "MigrationHost:Databases:app";
        (string, string?) right = ($"{app}:ConnectionString", "Data Source=right.db");
        foreach (var key in new[]
        {
            "MigrationHost", "MigrationHost:Startup", "MigrationHost:ManagementUrl", "MigrationHost:OnFailure",
            "MigrationHost:RetryInterval", "MigrationHost:Status", "MigrationHost:Timeouts",
            "MigrationHost:Timeouts:Lock", "MigrationHost:Databases", "MigrationHost:ConnectionString", "MigrationHost:Colour", app,
            $"{app}:Provider", $"{app}:Engine", $"{app}:Migrations",
            $"{app}:Isolation", $"{app}:ShowStatements", $"{app}:Timeouts", $"{app}:Timeouts:Grace", $"{app}:Alembic", $"{app}:Command",
            $"{app}:Colour", $"{app}:ConnectionStrin",
            $"{app}:Provider:x", $"{app}:{text}", $"MigrationHost:Databases:{text}:Migrations", $"MigrationHost:Databases:{text}",
            $"MigrationHost:{text}",
        })
            Assert.True(EchoesNothing(key, right, (key, text)), key);

        foreach (var key in new[] { "Executable", "WorkingDirectory", "Config", "Colour", "Environment", $"Environment:{text}" })
        {
            EchoesNothing(key, right, ($"{app}:Engine", "Alembic"), ($"{app}:Alembic:{key}", text));
            EchoesNothing(key, right, ($"{app}:Engine", "Command"), ($"{app}:Command:Arguments:0", "x"), ($"{app}:Command:{key}", text));
        }
        Assert.True(EchoesNothing("Arguments", right,
            ($"{app}:Engine", "Command"), ($"{app}:Command:Executable", "true"), ($"{app}:Command:Arguments", text)));
    }

    [Theory]
    [InlineData("PGPASSWORD=Zq7xKw9v psql")]
    [InlineData("mysql -uroot -pZq7xKw9v")]
    [InlineData("flyway --password Zq7xKw9v migrate")]
    [InlineData("./tool.sh --token=Zq7xKw9v")]
    public void A_command_line_in_the_place_of_a_path_is_not_echoed(string text)
    {
        const string app = "MigrationHost:Databases:app";
        (string, string?) right = ($"{app}:ConnectionString", "Data Source=right.db");
        Assert.True(EchoesNothing(text, right, ($"{app}:Migrations", text)));
        Assert.True(EchoesNothing(text, right, ($"{app}:Engine", "Command"), ($"{app}:Command:Executable", text)));
        Assert.True(EchoesNothing(text, right,
            ($"{app}:Engine", "Command"), ($"{app}:Command:Executable", "true"), ($"{app}:Command:WorkingDirectory", text)));
        Assert.True(EchoesNothing(text, right, ($"{app}:Engine", "Alembic"), ($"{app}:Alembic:Executable", "true"), ($"{app}:Alembic:Config", text)));
        _folder.Write("alembic.ini", "");
        Assert.True(EchoesNothing(text, right, ($"{app}:Engine", "Alembic"), ($"{app}:Alembic:Executable", "true"), ($"{app}:Alembic:Python", text)));
    }

    /// <summary>Whether the settings are refused; fails where a problem or a name shows the secret.</summary>
    private bool EchoesNothing(string shape, params (string Key, string? Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build();
        var options = new MigrationHostOptions();
        var reader = new OptionsReader(Known.Providers, Known.Engines);
        reader.Read(configuration, options);
        reader.Complete(configuration, options);
        var result = Validator().Validate(null, options);
        Assert.All(result.Failures ?? [], problem => Assert.False(Shows(problem), $"{shape.Replace('\n', '|')}\n{problem}"));

        // By their form alone, without knowing the secret.
        Assert.All(options.Problems, problem => Assert.False(Shows(problem), $"{shape}\n{problem}"));
        if (result.Succeeded)
        {
            using var services = new ServiceCollection().AddMigrationHost(configuration).Services.AddLogging()
                .AddSingleton(new ContentRoot(_folder.Path)).BuildServiceProvider();
            var run = services.GetRequiredService<MigrationRuns>().All[0];
            Assert.All(run.Database.Notes.Append(run.State.Read().Target), text => Assert.False(Shows(text), $"{shape}\n{text}"));
            if (run.State.Read().Provider == DatabaseProvider.PostgreSql
                && PostgreSqlSettings.Read(options.Databases["app"].ConnectionString!, [])!.Configured.Password is { } password)
                Assert.False(Shows(services.GetRequiredService<Secrets>().In($"the server says no to {password}")), shape);
        }
        return result.Failed;
    }

    private static bool Shows(string text) =>
        text.Contains(Secret, StringComparison.OrdinalIgnoreCase) || text.Contains(Secret[..5], StringComparison.OrdinalIgnoreCase)
        || text.Contains(Secret[3..], StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Shapes()
    {
        string[] secrets =
        [
            Secret, $"{Secret};x", $"x;{Secret}", $"x;{Secret}=y", $"x;y={Secret}", $"\"{Secret}", $"'{Secret}", $"x {Secret}", $"x@{Secret}",
            $"x/{Secret}", $"x?{Secret}", $"x#{Secret}", $"x%{Secret}", $"x:{Secret}", $"x={Secret}", $"{Secret}\n", $"x&{Secret}",
        ];
        string[] forms =
        [
            "Host=db;Username=app;Password=§;Database=shop", "Host=db;Password=§;Username=app;Database=shop",
            "Password=§;Host=db;Username=app;Database=shop", "Host=db;Database=shop;Username=app;Password=§",
            "Server=db;User Id=app;Password=§;Database=shop", "Host=db;Username=app;Pwd=§;Database=shop",
            "Host=db;Username=app;Password=\"§\";Database=shop", "Host=db;Username=app;Password='§';Database=shop",
            "Data Source=app.db;Password=§", "Password=§;Data Source=app.db", "Data Source=app.db;Mode=ReadOnly;Password='§'",
            "postgres://app:§@db/shop", "postgresql://app:§@db:5432/shop?sslmode=require", "postgres://db/shop?user=app&password=§",
            "sqlite:app.db?password=§",
            "host=db user=app password=§ dbname=shop", "host=db user=app dbname=shop password='§'", "password=§ host=db",
        ];
        var texts = forms.SelectMany(form => secrets, (form, secret) => form.Replace("§", secret, StringComparison.Ordinal)).ToList();
        return texts.Concat(texts.SelectMany(Wrapped))
            .Concat(forms.Select(form => form.Replace("§", Secret, StringComparison.Ordinal)).SelectMany(Misspelt));
    }

    private static IEnumerable<string> Wrapped(string text) =>
    [
        $"\"{text}\"", $"'{text}'", $"DATABASE_URL={text}", $"export DATABASE_URL=\"{text}\"", $"ConnectionString={text}", $"psql {text}",
        $"jdbc:{text}", $"Data Source={text}", $"Host={text}",
        $"{text};", $"{text}\n{text}", $"{{\"ConnectionString\": \"{text}\"}}", text.Replace(";", " ", StringComparison.Ordinal),
        text.Replace(";", ",", StringComparison.Ordinal),
        text.Replace(";", "&", StringComparison.Ordinal), text.Replace("=", ":", StringComparison.Ordinal),
        text.Replace("=", " = ", StringComparison.Ordinal), text.Replace("://", ":/", StringComparison.Ordinal),
        text.Replace("://", "//", StringComparison.Ordinal), text.Replace("@", " ", StringComparison.Ordinal),
        text.Replace("postgres", "mysql", StringComparison.Ordinal), text.Replace("postgres", "postgre", StringComparison.Ordinal),
    ];

    // One letter left out, doubled, or exchanged with the next, at every place outside the secret.
    private static IEnumerable<string> Misspelt(string text)
    {
        var secret = text.IndexOf(Secret, StringComparison.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            if (i >= secret - 1 && i <= secret + Secret.Length)
                continue;
            yield return text.Remove(i, 1);
            yield return text.Insert(i, text[i].ToString());
            if (i + 1 < text.Length && i + 1 < secret || i > secret)
                yield return i + 1 < text.Length ? $"{text[..i]}{text[i + 1]}{text[i]}{text[(i + 2)..]}" : text;
        }
    }

    private OptionsValidator Validator() => new(
        Known.Providers, Known.Engines, new ContentRoot(_folder.Path), new TestRun(new ServiceCollection().BuildServiceProvider()));
}
