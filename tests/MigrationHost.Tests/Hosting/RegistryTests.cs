using MigrationHost.Databases;
using MigrationHost.Engines;
using MigrationHost.Hosting;
using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Tests.Hosting;

/// <summary>Everything that differs between two providers or two engines comes from what is registered for them.</summary>
public sealed class RegistryTests : IDisposable
{
    private const string App = "MigrationHost:Databases:app";

    private readonly TempFolder _folder = new();

    public RegistryTests() => Directory.CreateDirectory(_folder["migrations"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_value_of_the_settings_is_registered()
    {
        // What is neither is for the package that knows EF Core, which registers its own.
        Assert.Equal(Enum.GetValues<DatabaseProvider>().Except([DatabaseProvider.Other]).Order(), Known.Providers.All.Select(provider => provider.Kind).Order());

        Assert.Equal(Enum.GetValues<EngineKind>().Except([EngineKind.EntityFramework]).Order(), Known.Engines.All.Select(engine => engine.Kind).Order());
    }

    [Theory]
    [InlineData("Provider", "Postgre", "Host=db;Database=app", "migrations")]
    [InlineData("Provider", "0", "Host=db;Database=app", "migrations")]
    [InlineData("Engine", "Flyway", "Data Source=app.db", "nowhere")]
    [InlineData("Engine", "1", "Data Source=app.db", "nowhere")]
    public void What_depends_on_an_unknown_value_is_not_checked_against_a_default(
        string key, string value, string connectionString, string migrations)
    {
        var problem = Assert.Single(Problems(Host(
            null, ($"{App}:{key}", value), ($"{App}:ConnectionString", connectionString), ($"{App}:Migrations", migrations))));

        Assert.StartsWith($"{App}:{key}: the value is not known; ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain($"'{value}'", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_value_that_is_set_in_code_is_refused_with_the_choices()
    {
        var host = Host(
            options => (options.Databases["app"].Provider, options.Databases["app"].Engine) = ((DatabaseProvider)77, (EngineKind)77),
            ($"{App}:ConnectionString", "Data Source=app.db"));

        Assert.Equal(
            [
                $"{App}:Provider: the value is not known; choose from Sqlite, PostgreSql, MySql, Toy",
                $"{App}:Engine: the value is not known; choose from Sql, Alembic, Command, Robot",
            ],
            Problems(host));
    }

    [Theory]
    [InlineData("Toy", "shelf=2")]
    [InlineData(null, "toy://shelf")]
    [InlineData(null, "shelf=2")]
    public void A_third_provider_needs_nothing_but_its_registration(string? provider, string connectionString)
    {
        using var host = Host(null, ($"{App}:Provider", provider), ($"{App}:ConnectionString", connectionString));

        Assert.Equal(ToyProvider.Toy, Options(host).Databases["app"].Provider);
        Assert.Equal(connectionString, Assert.Throws<NotSupportedException>(host.Services.GetRequiredService<MigrationRuns>).Message);
    }

    [Fact]
    public void A_third_provider_says_what_is_wrong_with_its_connection_string()
    {
        Assert.Equal(
            [$"{App}:ConnectionString: holds no shelf"],
            Problems(Host(null, ($"{App}:Provider", "toy"), ($"{App}:ConnectionString", "box=1"))));
        Assert.Equal(
            [$"{App}:ConnectionString: is missing, and there is no ConnectionStrings:app either; write for example shelf=1"],
            Problems(Host(null, ($"{App}:Provider", "Toy"))));
        Assert.Equal(
            [$"{App}:ConnectionString: is a connection string of Toy, but Provider is Sqlite: leave Provider out, or correct it"],
            Problems(Host(null, ($"{App}:Provider", "Sqlite"), ($"{App}:ConnectionString", "toy://shelf"))));
    }

    [Fact]
    public void A_third_engine_needs_nothing_but_its_registration()
    {
        (string, string?)[] settings = [($"{App}:ConnectionString", "Data Source=app.db"), ($"{App}:Engine", "Robot")];
        using var host = Host(null, [.. settings, ($"{App}:Rungs", "3"), ($"{App}:AllowEmpty", "true")]);

        var run = host.Services.GetRequiredService<MigrationRuns>().All[0];

        Assert.IsType<ToyEngine.Runner>(run.Engine);
        Assert.Equal("AllowEmpty is ignored with Engine=Robot: it is for Engine=Sql", Assert.Single(run.SettingChecks).Message);
        Assert.Equal([$"{App}:Rungs: are missing"], Problems(Host(null, settings)));
    }

    [Fact]
    public void A_setting_of_a_third_engine_is_known_and_ignored_with_another()
    {
        using var host = Host(null, ($"{App}:ConnectionString", "Data Source=app.db"), ($"{App}:Rungs", "3"));

        var ignored = Assert.Single(host.Services.GetRequiredService<MigrationRuns>().All[0].SettingChecks);

        Assert.Equal("Rungs is ignored with Engine=Sql: it is for Engine=Robot", ignored.Message);
    }

    private IHost Host(Action<MigrationHostOptions>? configure, params (string Key, string? Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ContentRootPath = _folder.Path });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Services.AddMigrationHost(builder.Configuration, configure).Services.AddProvider<ToyProvider>().AddEngine<ToyEngine>();
        return builder.Build();
    }

    private static MigrationHostOptions Options(IHost host) => host.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value;

    private static IEnumerable<string> Problems(IHost host)
    {
        using (host)
            return Assert.Throws<OptionsValidationException>(() => Options(host)).Failures;
    }

    private sealed class ToyProvider : IProviderDescriptor
    {
        public const DatabaseProvider Toy = (DatabaseProvider)99;

        public DatabaseProvider Kind => Toy;

        public string Name => nameof(Toy);

        public IReadOnlyList<string> Schemes { get; } = ["toy"];

        public string Example => "shelf=1";

        public bool HasForm(string connectionString) => connectionString.Contains("shelf=", StringComparison.Ordinal);

        public IReadOnlyList<string> Problems(string connectionString, string contentRoot) =>
            connectionString.Contains("shelf", StringComparison.Ordinal) ? [] : ["holds no shelf"];

        public DatabasePlace Place(string connectionString, string contentRoot) => new() { Words = "a shelf", Schemes = Schemes };

        public IMigrationDatabase Create(DatabaseSetup setup) => throw new NotSupportedException(setup.ConnectionString);
    }

    private sealed class ToyEngine : IEngineDescriptor
    {
        private readonly Dictionary<DatabaseOptions, string?> _rungs = [];

        public EngineKind Kind => (EngineKind)99;

        public string Name => "Robot";

        public IReadOnlyList<EngineSetting> Settings => [new("Rungs", options => _rungs.GetValueOrDefault(options) is not null)];

        public EngineTraits Traits { get; } = new();

        public void Read(SectionReader reader, DatabaseOptions options) => _rungs[options] = reader.Text("Rungs");

        public IEnumerable<string> Problems(DatabaseOptions options, string contentRoot) =>
            _rungs[options] is null ? ["Rungs: are missing"] : [];

        public NeighbourHistory HistoryOf(DatabaseOptions options) => new("robot_history");

        public IMigrationEngine Create(EngineSetup setup) => new Runner();

        public sealed class Runner : IMigrationEngine
        {
            public Task MigrateAsync(Watch watch, string? target) => throw new NotSupportedException();

            public Task<bool> InspectAsync(Watch watch, string? target) => throw new NotSupportedException();

            public Task ResolveAsync(Watch watch, string version, bool applied) => throw new NotSupportedException();

            public Task BaselineAsync(Watch watch, string version, bool dryRun) => throw new NotSupportedException();

            public IEnumerable<DoctorCheck> Check() => [];
        }
    }

    [Fact]
    public void Drivers_are_loaded_ahead_without_a_trace()
    {
        var before = Directory.GetFileSystemEntries(Environment.CurrentDirectory);

        Assert.All(Known.Providers.All, provider => provider.LoadDriver());

        Assert.Equal(before, Directory.GetFileSystemEntries(Environment.CurrentDirectory));
    }
}
