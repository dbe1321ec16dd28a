using MigrationHost.Databases;
using MigrationHost.Masking;

namespace MigrationHost.Tests.Masking;

public sealed class SecretsTests
{
    [Theory]
    [InlineData("to postgresql://app:secret@db:5432/shop now", "to postgresql://app:***@db:5432/shop now")]
    [InlineData("to postgresql://app:s3c/ret@db:5432/shop now", "to postgresql://app:***@db:5432/shop now")]
    [InlineData("to postgresql://app:s3c?r@e/t@db/shop for me@home", "to postgresql://app:***@db/shop for me@home")]
    [InlineData("GET http://localhost:8080/health", "GET http://localhost:8080/health")]
    [InlineData("Password = 'a b' pwd=c", "Password = *** pwd=***")]
    public void A_password_that_nobody_knows_is_masked_by_its_form_in_the_output_of_tools(string line, string masked) =>
        Assert.Equal(masked, Secrets.None.InLine(line));

    [Fact]
    public void Text_of_ours_keeps_what_only_looks_like_a_password() =>
        Assert.Equal("1_reset_password=.sql", Secrets.None.In("1_reset_password=.sql"));

    [Theory]
    [InlineData("Host=db;Username=app;Password=s3cr3t!;Database=shop", "role has s3cr3t! now", "role has *** now")]
    [InlineData("Host=db;Username=app;Password=\"s3;r3t!\";Database=shop", "role has s3;r3t! now", "role has *** now")]
    [InlineData("Host=db;SSL Password=s3cr3t!", "key s3cr3t!", "key ***")]
    [InlineData("postgres://app:s3%40r3t!@db/shop", "s3@r3t! or s3%40r3t! or s3%40r3t%21", "*** or *** or ***")]
    [InlineData("postgres://db/shop?password=s3cr3t!", "s3cr3t!", "***")]
    [InlineData("host=db password='s3 r3t!' dbname=shop", "role has s3 r3t! now", "role has *** now")]
    [InlineData("host=db password='s3 \\'r3t!' dbname=shop", "s3 'r3t! is s3 \\'r3t!", "*** is ***")]
    [InlineData("Host=db;Password=\"s3\"\"r3t!\"", "s3\"r3t! is s3\"\"r3t!", "*** is ***")]
    public void The_password_of_a_connection_string_is_masked_decoded_and_as_written(string connectionString, string text, string masked) =>
        Assert.Equal(masked, Of(connectionString).In(text));

    [Theory]
    [InlineData("APP_PASSWORD", "four", "four words, fourteen letters: 'four'", "*** words, fourteen letters: '***'")]
    [InlineData("API_KEY", "k3y", "k3y", "***")]
    [InlineData("GH_TOKEN", "abcdefgh", "xabcdefghx", "x***x")]
    [InlineData("CLIENT_SECRET", "1", "applied 1 create", "applied 1 create")]
    [InlineData("COLOUR", "magenta", "magenta", "magenta")]
    [InlineData("PWD", "/work/app", "in /work/app", "in /work/app")]
    [InlineData("OLDPWD", "/work/app", "in /work/app", "in /work/app")]
    [InlineData("MYSQL_PWD", "abcdefgh", "abcdefgh", "***")]
    [InlineData("ANY", "postgres://u:abcdefgh@h/d", "abcdefgh", "***")]
    [InlineData("ANY", "Server=h;Pwd=abcdefgh", "abcdefgh", "***")]
    [InlineData("ANY", "u:abcdefgh@tcp(127.0.0.1:3306)/d", "abcdefgh", "***")]
    [InlineData("ANY", "AccountName=x;AccountKey=abcdefgh==;EndpointSuffix=y", "abcdefgh==", "***")]
    [InlineData("ANY", "https://h/x?token=abcdefgh", "abcdefgh", "***")]
    [InlineData("ANY", "{\"password\":\"abc\\\"defgh\"}", "abc\"defgh", "***")]
    [InlineData("ANY", "password: abcdefgh", "abcdefgh", "***")]
    [InlineData("ANY", "--password abcdefgh", "abcdefgh", "***")]
    [InlineData("ANY", "app:1.2.345@sha256:0123", "1.2.345", "1.2.345")]
    [InlineData("ANY", "/opt/key:/usr/bin", "/usr/bin", "/usr/bin")]
    [InlineData("ANY", "{\"key\":\"shop-main\"}", "shop-main", "shop-main")]
    [InlineData("DB_PSW", "abcdefgh", "abcdefgh", "***")]
    [InlineData("ACCESS_KEYS", "abcdefgh", "abcdefgh", "***")]
    public void A_tools_variable_is_secret_by_its_name_or_its_form_and_a_short_one_tears_no_word(string name, string value, string text,
        string masked)
    {
        var options = Options("Data Source=app.db");
        options.Databases["app"].Command = new CommandOptions();
        options.Databases["app"].Command!.Environment[name] = value;

        Assert.Equal(masked, Secrets.Of(options).In(text));
    }

    [Theory]
    [InlineData("tool", "--password", "Zq7xKw9v")]
    [InlineData("tool", "--client-secret", "Zq7xKw9v")]
    [InlineData("tool", "--pass=Zq7xKw9v")]
    [InlineData("tool", "--token=Zq7xKw9v")]
    [InlineData("tool", "--api-key=Zq7xKw9v")]
    [InlineData("tool", "--secret=Zq7xKw9v")]
    [InlineData("tool", "--auth-token=Zq7xKw9v")]
    [InlineData("tool", "--dbPassword=Zq7xKw9v")]
    [InlineData("tool", "-Djavax.net.ssl.keyStorePassword=Zq7xKw9v")]
    [InlineData("sh", "-c", "MYPASSWORD='Zq7xKw9v' run")]
    [InlineData("tool", "/Password:Zq7xKw9v")]
    [InlineData("/usr/bin/mysql", "-pZq7xKw9v")]
    [InlineData("tool", "{\"password\":\"Zq7xKw9v\"}")]
    [InlineData("tool", "--url=https://h/x?token=Zq7xKw9v&x=y")]
    public void An_argument_is_secret_by_its_name_in_any_of_its_forms(string program, params string[] arguments)
    {
        var options = Options("Data Source=app.db");
        options.Databases["app"].Command = new CommandOptions { Executable = program };
        foreach (var argument in arguments)
            options.Databases["app"].Command!.Arguments.Add(argument);

        Assert.Equal("it is ***", Secrets.Of(options).In("it is Zq7xKw9v"));
    }

    [Theory]
    [InlineData("tool", "-port5432")]
    [InlineData("psql", "-p5432")]
    [InlineData("tool", "--verbose", "5432")]
    [InlineData("tool", "--password", "--host", "5432")]
    [InlineData("tool", "key: of 5432")]
    [InlineData("tool", "/opt/keys:5432")]
    public void Any_other_argument_is_shown(string program, params string[] arguments)
    {
        var options = Options("Data Source=app.db");
        options.Databases["app"].Command = new CommandOptions { Executable = program };
        foreach (var argument in arguments)
            options.Databases["app"].Command!.Arguments.Add(argument);

        Assert.Equal("5432 --host /opt/keys", Secrets.Of(options).In("5432 --host /opt/keys"));
    }

    [Theory]
    [InlineData("Zq7\"xKw9v", "Zq7\\\"xKw9v")]
    [InlineData("Zq7\\xKw9v", "Zq7\\\\xKw9v")]
    [InlineData("Zq7\txKw9v", "Zq7\\txKw9v")]
    [InlineData("Zq7üxKw9v", "Zq7\\u00fcxKw9v")]
    [InlineData("Zq7'xKw9v", "Zq7''xKw9v")]
    [InlineData("Zq7'xKw9v", "Zq7&#x27;xKw9v")]
    [InlineData("Zq7 xKw9v", "Zq7+xKw9v")]
    [InlineData("-----BEGIN KEY-----\nZq7xKw9v\nshort\n", "Zq7xKw9v")]
    public void A_secret_is_masked_as_a_program_may_write_it(string secret, string written)
    {
        var options = Options("Data Source=app.db");
        options.Databases["app"].Placeholders["app_password"] = secret;

        Assert.Equal("it is *** here", Secrets.Of(options).In($"it is {written} here"));
    }

    [Fact]
    public void A_password_that_is_also_a_name_stays_a_name()
    {
        var secrets = Of("Host=db;Username=postgres;Password=postgres;Database=postgres");

        Assert.Equal("db:5432/postgres", secrets.In("db:5432/postgres"));
        Assert.Equal("postgres://postgres:***@db/postgres", secrets.In("postgres://postgres:postgres@db/postgres"));
    }

    [Fact]
    public void What_has_no_secret_in_it_is_handed_on_as_it_is()
    {
        const string text = "app: applied 1 create customers (1 statement, 10 ms)";

        Assert.Same(text, Of("Host=db;Password=s3cr3t!").In(text));
    }

    [Fact]
    public void A_placeholder_is_a_secret_if_its_name_says_so()
    {
        var options = Options("Data Source=app.db");
        options.Databases["app"].Placeholders["app_password"] = "tr0ub4dor";
        options.Databases["app"].Placeholders["tenant"] = "northwind";

        Assert.Equal("*** of northwind", Secrets.Of(options).In("tr0ub4dor of northwind"));
    }

    [Fact]
    public void Every_text_of_an_error_and_of_a_look_at_the_locks_is_masked()
    {
        const string secret = "s3cr3t!";
        var secrets = Of($"Host=db;Password={secret}");
        var blocker = new Blocker
        {
            Pid = 1, Program = secret, Holds = "a lock", Resource = secret, State = secret, Statement = secret, Hint = secret,
        };
        var diagnosis = new LockDiagnosis(
            new LockReport
            {
                Database = "app",
                DiagnosedAt = DateTimeOffset.UnixEpoch,
                Note = secret,
                Holders = [blocker],
                Waiters = [new LockWaiter(2, secret, secret, null, [1])],
            },
            [blocker])
        { OwnProgram = secret };
        var error = new MigrationError
        {
            Code = MigrationErrorCode.MigrationFailed,
            Message = secret,
            Statement = secret,
            Output = [secret],
            Hint = secret,
            Problems = [new MigrationProblem("1_create.sql", 1, secret), new MigrationProblem("2_more.sql", 1, secret)],
        };

        var json = System.Text.Json.JsonSerializer.Serialize(secrets.In(diagnosis)) + System.Text.Json.JsonSerializer.Serialize(secrets.In(error));

        Assert.DoesNotContain(secret, json, StringComparison.Ordinal);
        Assert.Equal(21, json.Split(Secrets.Mask).Length);
    }

    private static Secrets Of(string connectionString) => Secrets.Of(Options(connectionString));

    private static MigrationHostOptions Options(string connectionString)
    {
        var options = new MigrationHostOptions();
        options.Databases["app"] = new DatabaseOptions { ConnectionString = connectionString };
        return options;
    }
}
