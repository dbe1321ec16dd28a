using MigrationHost.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Tests.Options;

/// <summary>The provider that an address means, and the address that a platform hands to a service.</summary>
public sealed class DatabaseUrlTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public DatabaseUrlTests() => Directory.CreateDirectory(_folder["migrations"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("postgres://app@db/shop", DatabaseProvider.PostgreSql)]
    [InlineData("host=db dbname=shop", DatabaseProvider.PostgreSql)]
    [InlineData("mysql://db/shop", DatabaseProvider.MySql)]
    [InlineData("mariadb+pymysql://db/shop", DatabaseProvider.MySql)]
    [InlineData("sqlite:app.db", DatabaseProvider.Sqlite)]
    [InlineData("Data Source=app.db", DatabaseProvider.Sqlite)]
    public void The_provider_may_be_left_out_where_the_connection_string_says_it(string connectionString, DatabaseProvider expected)
    {
        Assert.Equal(expected, Read([("MigrationHost:Databases:app:ConnectionString", connectionString)]).Databases["app"].Provider);
        Assert.Equal(expected, Read([], options => options.Databases["app"] = new DatabaseOptions { ConnectionString = connectionString })
            .Databases["app"].Provider);
    }

    [Theory]
    [InlineData("Sqlite", "postgres://app:secret@db/shop", "is a connection string of PostgreSql, but Provider is Sqlite")]
    [InlineData("PostgreSql", "sqlite:secret.db", "is a connection string of Sqlite, but Provider is PostgreSql")]
    [InlineData("Sqlite", "host=db password=secret", "is a connection string of PostgreSql, but Provider is Sqlite")]
    [InlineData("PostgreSql", "mariadb://app:secret@db/shop", "is a connection string of MySql, but Provider is PostgreSql")]
    [InlineData(null, "mongodb+srv://app:secret@db/shop", "is an address with a scheme that is not known; schemes: mariadb, mysql, postgres, postgresql, sqlite")]
    [InlineData(null, "\"postgres://app:secret@db/shop\"", "begins with a quote")]
    public void A_connection_string_that_does_not_go_with_the_provider_is_refused(string? provider, string connectionString,
        string expected)
    {
        var problem = Assert.Single(Problems(
            ("MigrationHost:Databases:app:Provider", provider),
            ("MigrationHost:Databases:app:ConnectionString", connectionString)));

        Assert.StartsWith($"MigrationHost:Databases:app:ConnectionString: {expected}", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Database_url_counts_only_where_no_database_is_configured()
    {
        (string, string?) url = ("DATABASE_URL", "postgres://app:secret@db/shop");

        Assert.Equal(["app"], Read([url]).Databases.Keys);
        Assert.Equal(DatabaseProvider.PostgreSql, Read([url]).Databases["app"].Provider);
        Assert.Equal(["b"], Read([url, ("MigrationHost:Databases:b:ConnectionString", "Data Source=b.db")]).Databases.Keys);
        Assert.Equal(["c"],
            Read([url], options => options.Databases["c"] = new DatabaseOptions { ConnectionString = "Data Source=c.db" }).Databases.Keys);
    }

    [Theory]
    [InlineData("Layout", "GolangMigrate")]
    [InlineData("AllowExistingTables", "true")]
    [InlineData("Migrations", "migrations")]
    public void A_setting_beside_database_url_is_answered_with_the_setting_that_is_missing_then(string key, string value)
    {
        var problem = Assert.Single(Problems(
            ("DATABASE_URL", "postgres://app:secret@db/shop"), ($"MigrationHost:Databases:app:{key}", value)));

        Assert.Equal(
            "MigrationHost:Databases:app:ConnectionString: is missing, and there is no ConnectionStrings:app either. "
                + "DATABASE_URL is set, but counts only if the configuration has no database: "
                + "set MigrationHost__Databases__app__ConnectionString to the same address",
            problem);
    }

    [Theory]
    [InlineData("DATABASE_URL", "DATABASE_URL: its database has a '%'")]
    [InlineData("ConnectionStrings:b", "ConnectionStrings:b: its database has a '%'")]
    [InlineData("MigrationHost:Databases:b:ConnectionString", "MigrationHost:Databases:b:ConnectionString: its database has a '%'")]
    public void A_problem_names_the_setting_that_the_connection_string_comes_from(string key, string expected)
    {
        (string, string?)[] entry = key == "DATABASE_URL" ? [] : [("MigrationHost:Databases:b:Migrations", "migrations")];

        Assert.StartsWith(expected, Assert.Single(Problems([(key, "postgres://app@db/100%"), .. entry])), StringComparison.Ordinal);
    }

    private IEnumerable<string> Problems(params (string, string?)[] settings) =>
        Assert.Throws<OptionsValidationException>(() => Read(settings)).Failures;

    private MigrationHostOptions Read((string Key, string? Value)[] settings, Action<MigrationHostOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = _folder.Path });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Services.AddMigrationHost(builder.Configuration, configure);
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value;
    }
}
