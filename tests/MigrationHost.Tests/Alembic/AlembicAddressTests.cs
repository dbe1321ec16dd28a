using MigrationHost.Engines.Alembic;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>Which address is known without running env.py; a project whose address is not known is never refused for it.</summary>
public sealed class AlembicAddressTests : IDisposable
{
    private const string Placeholder = "driver://user:pass@localhost/dbname";
    private const string FromIni = "engine_from_config(config.get_section(config.config_ini_section), prefix=\"sqlalchemy.\")";

    private readonly AlembicFolder _folder = new();

    [Theory]
    [InlineData("from shop.db import engine\nurl = config.get_main_option(\"sqlalchemy.url\")")]
    [InlineData("from shop.db import engine, options\nother = engine_from_config(options)")]
    [InlineData("engine = engine_from_config({\"sqlalchemy.url\": settings.url}, prefix=\"sqlalchemy.\")\nflag = os.getenv(\"FLAG\")")]
    [InlineData($"engine = engine_from_config(config.get_section(\"alembic\"), url=settings.url)\nflag = os.getenv(\"FLAG\")")]
    [InlineData($"config.set_main_option(\"sqlalchemy.url\", os.getenv(\"DATABASE_URL\", \"sqlite:///app.db\"))\nengine = {FromIni}")]
    [InlineData($"config.set_main_option(\"sqlalchemy.url\", os.environ.get(\"DATABASE_URL\") or settings.url)\nengine = {FromIni}")]
    [InlineData($"url = os.getenv(\"DATABASE_URL\", \"sqlite:///app.db\")\nif url:\n    config.set_main_option(\"sqlalchemy.url\", url)\nengine = {FromIni}")]
    [InlineData($"url = os.getenv(\"DATABASE_URL\")\nif url is None:\n    url = settings.url\nconfig.set_main_option(\"sqlalchemy.url\", url)\nengine = {FromIni}")]
    [InlineData($"flag = os.getenv(\"FLAG\")\nconfig.set_main_option(\"sqlalchemy.url\", settings.url)\nengine = {FromIni}")]
    [InlineData($"flag = os.getenv(\"FLAG\")\nconfig.set_section_option(\"alembic\", \"sqlalchemy.url\", settings.url)\nengine = {FromIni}")]
    [InlineData($"flag = os.getenv(\"FLAG\")\noptions = config.get_section(\"alembic\")\noptions[\"sqlalchemy.url\"] = settings.url\nengine = engine_from_config(options)")]
    public async Task An_address_that_code_makes_up_or_an_engine_of_the_application_is_not_known(string env)
    {
        await IsUnknownAsync(env, Placeholder);
        if (env.Contains("settings.url", StringComparison.Ordinal))
            await IsUnknownAsync(env, "");
    }

    [Fact]
    public async Task A_setting_that_the_ini_refers_to_may_be_set_by_env_py() =>
        await IsUnknownAsync($"config.set_section_option(\"alembic\", \"DB_USER\", os.getenv(\"DB_USER\", \"app\"))\nengine = {FromIni}", "postgresql://%(DB_USER)s:%(DB_PASS)s@db/shop");

    [Theory]
    [InlineData($"engine = {FromIni}")]
    [InlineData($"if os.environ.get(\"DATABASE_URL\"):\n    config.set_main_option(\"sqlalchemy.url\", settings.url)\nengine = {FromIni}")]
    [InlineData($"url = os.getenv(\"DATABASE_URL\")\nif url:\n    config.set_main_option(\"sqlalchemy.url\", url.replace(\"%\", \"%%\"))\nengine = {FromIni}")]
    public async Task The_address_of_the_ini_counts_where_no_variable_is_set(string env)
    {
        Assert.Equal("sqlite:///a%b.db", (await FindAsync(env, "sqlite:///a%%b.db")).ToString());
        Assert.Equal("sqlalchemy.url is the template's placeholder", (await FindAsync(env, Placeholder)).Problem);
    }

    [Theory]
    [InlineData("postgresql://app:p%Zq7xKw9v@db/shop", "has a % that is not doubled")]
    [InlineData("postgresql://app:p@Zq7xKw9v@db/shop", "is not an address")]
    [InlineData("app:Zq7xKw9v@db/shop", "is not an address")]
    public async Task A_password_that_is_not_encoded_is_told_before_Alembic_quotes_it(string ini, string told)
    {
        var address = await FindAsync($"engine = {FromIni}", ini);

        Assert.Contains(told, address.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Zq7x", address.ToString() + address.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"config.set_main_option(\"sqlalchemy.url\", os.environ[\"DATABASE_URL\"])\nengine = {FromIni}")]
    [InlineData($"url = os.environ[\"DATABASE_URL\"]\nconfig.set_main_option(\"sqlalchemy.url\", url)\nengine = {FromIni}")]
    [InlineData("engine = create_engine(os.environ[\"DATABASE_URL\"])")]
    public async Task A_variable_that_has_to_be_set_is_told_where_it_is_not(string env)
    {
        Assert.Equal("there is no sqlalchemy.url, and DATABASE_URL is not set", (await FindAsync(env, "")).Problem);
        Assert.Equal("sqlite:///set.db", (await FindAsync(env, "", "sqlite:///set.db")).ToString());
    }

    [Theory]
    [InlineData("postgresql+psycopg2://app:secret@db:5432/shop", "postgresql://db:5432/shop")]
    [InlineData("postgresql://app:s3c?ret@db/shop?sslmode=require", "postgresql://db/shop")]
    [InlineData("postgresql:///shop?host=/run/postgresql", "postgresql:///shop")]
    [InlineData("sqlite:///data/me@home:1.db", "sqlite:///data/me@home:1.db")]
    public async Task An_address_is_read_by_sqlalchemy_and_shown_without_its_password(string text, string shown) =>
        Assert.Equal(shown, (await FindAsync($"engine = {FromIni}", text)).ToString());

    public void Dispose() => _folder.Dispose();

    private async Task IsUnknownAsync(string env, string ini)
    {
        var address = await FindAsync(env, ini);
        Assert.Null(address.Dialect);
        Assert.Null(address.Problem);
    }

    private async Task<AlembicAddress> FindAsync(string env, string ini, string? variable = null)
    {
        _folder.Write("migrations/env.py", env);
        _folder.Write("alembic.ini", $"[alembic]\nscript_location = migrations\nsqlalchemy.url = {ini}\n");
        var options = new AlembicOptions();
        if (variable is not null)
            options.Environment["DATABASE_URL"] = variable;
        return (await _folder.AskAsync(options)).Address;
    }
}
