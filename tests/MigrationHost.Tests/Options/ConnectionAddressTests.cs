using MigrationHost.Databases.Connections;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Tests.Support;
using Npgsql;

namespace MigrationHost.Tests.Options;

/// <summary>Addresses and libpq's keywords become what the drivers' own connection strings say.</summary>
public sealed class ConnectionAddressTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("postgres://app:secret@db/shop", "Host=db;Username=app;Password=secret;Database=shop")]
    [InlineData("postgresql://app@db:5433/shop", "Host=db;Port=5433;Username=app;Database=shop")]
    [InlineData("postgresql://db", "Host=db")]
    [InlineData("postgresql://db/", "Host=db")]
    [InlineData("postgresql://@db/shop", "Host=db;Database=shop")]
    [InlineData("postgres://:secret@db/shop", "Host=db;Password=secret;Database=shop")]
    [InlineData("postgres://a%40b:s%3Ae%2Fc%3Fr%23e%25t@db/my%20shop", "Host=db;Username=a@b;Password=\"s:e/c?r#e%t\";Database=\"my shop\"")]
    [InlineData("postgres://app:p@ss@db/shop", "Host=db;Username=app;Password=p@ss;Database=shop")]
    [InlineData("postgres://app:se;cr\"et@db/shop", "Host=db;Username=app;Password='se;cr\"et';Database=shop")]
    [InlineData("postgres://app:%C3%BCber@db/shop", "Host=db;Username=app;Password=über;Database=shop")]
    [InlineData("postgres://app@[::1]:5433/shop", "Host=::1;Port=5433;Username=app;Database=shop")]
    [InlineData("postgres://app@[fe80::1]/shop", "Host=fe80::1;Username=app;Database=shop")]
    [InlineData("postgres://app@db1:5433,db2,[::1]:5434/shop", "Host=\"db1:5433,db2,[::1]:5434\";Username=app;Database=shop")]
    [InlineData("postgres://app@%2Frun%2Fpostgresql/shop", "Host=/run/postgresql;Username=app;Database=shop")]
    [InlineData("postgres:///shop?host=/run/postgresql&user=app&port=5433", "Host=/run/postgresql;Port=5433;Username=app;Database=shop")]
    [InlineData("postgres://app@db/shop?sslmode=verify-full", "Host=db;Username=app;Database=shop;SSL Mode=VerifyFull")]
    [InlineData("postgres://app@db/shop?sslmode=no-verify", "Host=db;Username=app;Database=shop;SSL Mode=Require")]
    [InlineData("postgres://app@db/shop?ssl=true", "Host=db;Username=app;Database=shop;SSL Mode=VerifyFull")]
    [InlineData("postgres://app@db/shop?schema=t1", "Host=db;Username=app;Database=shop;Search Path=t1")]
    [InlineData("postgres://app@db/shop?schema=My-Schema", "Host=db;Username=app;Database=shop;Search Path='\"My-Schema\"'")]
    [InlineData("postgres://app@db/shop?search_path=t1,public", "Host=db;Username=app;Database=shop;Search Path=t1,public")]
    [InlineData("postgres://app@db/shop?options=-c%20search_path%3Dt1", "Host=db;Username=app;Database=shop;Search Path=t1")]
    [InlineData("postgres://app@db/shop?options=-c search_path=t1", "Host=db;Username=app;Database=shop;Search Path=t1")]
    [InlineData("postgres://app@db/shop?options=-csearch_path%3Dt1+-c+geqo%3Doff", "Host=db;Username=app;Database=shop;Search Path=t1;Options=\"-c geqo=off\"")]
    [InlineData("postgres://app@db/shop?options=endpoint%3Dblue-sky", "Host=db;Username=app;Database=shop;Options=\"endpoint=blue-sky\"")]
    [InlineData("postgres://app@db1,db2/shop?target_session_attrs=read-write&channel_binding=require", "Host=db1,db2;Username=app;Database=shop;Target Session Attributes=read-write;Channel Binding=Require")]
    [InlineData("postgresql+asyncpg://app@db/shop", "Host=db;Username=app;Database=shop")]
    [InlineData("jdbc:postgresql://db/shop?user=app&password=secret&currentSchema=t1", "Host=db;Username=app;Password=secret;Database=shop;Search Path=t1")]
    [InlineData(" POSTGRES://app@db/shop\n", "Host=db;Username=app;Database=shop")]
    [InlineData("host=db dbname=shop user=app password=secret", "Host=db;Username=app;Password=secret;Database=shop")]
    [InlineData("host = db port = 5433 dbname=shop user=app password='it''s'", null)]
    [InlineData("host = db port = 5433 dbname=shop user=app password='it\\'s a \\\\'", "Host=db;Port=5433;Username=app;Password=\"it's a \\\";Database=shop")]
    [InlineData("host=db1,db2 port=5433,5434 dbname=shop user=app", "Host=\"db1:5433,db2:5434\";Username=app;Database=shop")]
    [InlineData("host=db1,db2 port=5433 dbname=shop", "Host=\"db1:5433,db2:5433\";Database=shop")]
    [InlineData("hostaddr=10.0.0.1 dbname=shop", "Host=10.0.0.1;Database=shop")]
    [InlineData("host=/run/postgresql dbname=shop", "Host=/run/postgresql;Database=shop")]
    [InlineData("host=db password=a;b dbname=shop", "Host=db;Password=\"a;b\";Database=shop")]
    [InlineData("host=db dbname=shop options='-c search_path=t1'", "Host=db;Database=shop;Search Path=t1")]
    public void A_connection_string_for_postgresql_of_any_form_means_what_it_says(string text, string? expected)
    {
        List<string> problems = [];
        var settings = PostgreSqlSettings.Read(text, problems);

        Assert.Equal(expected is null, settings is null);
        if (expected is not null)
            Assert.True(new NpgsqlConnectionStringBuilder(expected).EquivalentTo(settings!.Configured),
                settings.Configured.ConnectionString);
        Assert.Equal(DatabaseProvider.PostgreSql, Known.Providers.MeantBy(text));
    }

    [Theory]
    [InlineData("connection_limit=5&pgbouncer=true&pool_timeout=0", "connection_limit, pgbouncer, pool_timeout")]
    [InlineData("connect_timeout=3&statement_timeout=5&application_name=x&keepalives=1&sslcrl=x", "connect_timeout, statement_timeout, application_name, keepalives, sslcrl")]
    [InlineData("prepareThreshold=0&x-migrations-table=m&default_query_exec_mode=simple", "prepareThreshold, x-migrations-table, default_query_exec_mode")]
    public void Parameters_of_other_clients_are_ignored_with_a_note(string parameters, string noted)
    {
        List<string> problems = [];
        var notes = PostgreSqlSettings.Read($"postgres://app@db/shop?{parameters}", problems)!.Notes;

        Assert.Equal(noted.Split(", "), notes.Select(note => note.Split(" in the connection string is not used: ")[0]));
    }

    [Theory]
    [InlineData("postgres:///?service=PW", "its first parameter service is for a service file")]
    [InlineData("postgres://app:PW@db/shop?sslmod=require", "its first parameter is not known; did you mean 'sslmode'?")]
    [InlineData("postgres://app:PW@db/shop?sslmode=disable&PW=1", "its second parameter is not known")]
    [InlineData("postgres://app:PW@db/shop?sslmode=PW", "the value of its parameter sslmode has the wrong form")]
    [InlineData("postgres://app:PW@db/shop?PW", "its first parameter is not name=value")]
    [InlineData("postgres://app:PW@db:port/shop", "the port of its first host is not a number from 1 to 65535")]
    [InlineData("postgres://app:PW@db:0/shop", "the port of its first host is not a number from 1 to 65535")]
    [InlineData("postgres://app:PW/x@db/shop", "has an '@' behind its host; in a user name or password write @ as %40")]
    [InlineData("postgres://app:PW?x@db/shop", "in a user name or password write @ as %40")]
    [InlineData("postgres://app:PW#x@db/shop", "has a '#'")]
    [InlineData("postgres://app:PW%@db/shop", "its user name or password has a '%' without two hexadecimal digits behind it")]
    [InlineData("postgres://app:PW%00@db/shop", "or one that encodes no text")]
    [InlineData("postgres://app:PW @db/shop", "has a blank or a line break in it")]
    [InlineData("postgres://app:PW\n@db/shop", "has a blank or a line break in it")]
    [InlineData("postgres:app:PW@db/shop", "is not an address of the form scheme://")]
    [InlineData("postgres://app:PW@/shop", "names no host")]
    [InlineData("postgres:///PW", "names no host")]
    [InlineData("postgres://app:PW@db_1,/shop", "its second host is not a host")]
    [InlineData("host=db service=PW dbname=shop", "its second keyword service is for a service file, which the driver does not read: write host, port, dbname and user")]
    [InlineData("service=PW", "its first keyword service is for a service file")]
    [InlineData("host=db pasword=PW dbname=shop", "its second keyword is not known; did you mean 'password'?")]
    [InlineData("host=db password=PW x dbname=shop", "its third part is not keyword=value; if it belongs to the password before it, put that in quotes")]
    [InlineData("host=db password='PW dbname=shop", "the quote of its second value does not end")]
    [InlineData("host=db port=PW dbname=shop", "its port is not a number")]
    [InlineData("host=a,b,c port=1,2 dbname=PW", "another number of ports than of hosts")]
    [InlineData("Host=db;Password=PW;x;Database=shop", "its third part is not key=value; if it belongs to the password before it, put that in quotes")]
    [InlineData("Host=db;Password=PW;x=y;Database=shop", "its third key is not a connection-string key; if it belongs to the password")]
    [InlineData("Host=db;Password=\"PW;x\";Databse=shop", "its third key is not a connection-string key; did you mean 'Database'?")]
    [InlineData("Host=db;Password=\"PW;x", "the quotes of its second value do not end")]
    [InlineData("Host=db;Password=\"PW\"x;Database=shop", "the quotes of its second value do not end")]
    [InlineData("Sslmod=;Host=db", "its first key is not a connection-string key; did you mean 'SSL Mode'?")]
    [InlineData("Host=db;SSL Mode=PW", "the value of SSL Mode has the wrong form")]
    [InlineData("Host=d b;Password=PW", "its host is not a host")]
    [InlineData("Host=db=PW", "its host is not a host")]
    [InlineData("Host=app:PW@db", "the port of its first host is not a number")]
    [InlineData("Host=PW@db", "its host is not a host")]
    [InlineData("Host=\"db\nPW\";Database=shop", "its host is not a host")]
    [InlineData("Host=db:PW;Database=shop", "the port of its first host is not a number from 1 to 65535")]
    [InlineData("Host=db,;Database=shop", "its second host is not a host")]
    [InlineData("Host=tcp://db;Database=shop", "the port of its first host is not a number")]
    [InlineData("Host=postgres://app:PW@db/shop", "its host is not a host")]
    [InlineData("Host=/run/x y;Database=shop", "its host is not a host")]
    [InlineData("Host=db;Database=shop Password=PW", "its database has '=', ';', '://' or a line break in it")]
    [InlineData("Host=db;Database=shop Password: PW", "its database has")]
    [InlineData("Host=db;Username=app,Password=PW;Database=shop", "its user name has")]
    [InlineData("Host=db;SSL Certificate=/nowhere/x.pem", "the file of SSL Certificate does not exist")]
    [InlineData("Host=db;SSL Negotiation=Direct", "the driver refuses it")]
    public void What_is_not_understood_is_named_by_its_position_and_never_quoted(string text, string expected)
    {
        List<string> problems = [];
        Assert.Null(PostgreSqlSettings.Read(text, problems));

        Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(problems, problem => problem.Contains("PW", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sqlite:rel.db", "rel.db")]
    [InlineData("sqlite:./data/rel.db", "./data/rel.db")]
    [InlineData("sqlite:/abs/app.db", "/abs/app.db")]
    [InlineData("sqlite://data/rel.db", "data/rel.db")]
    [InlineData("sqlite:///abs/app.db", "/abs/app.db")]
    [InlineData("sqlite:////abs/app.db", "/abs/app.db")]
    [InlineData("sqlite:a%20b%3F.db", "a b?.db")]
    [InlineData("sqlite3:rel.db", "rel.db")]
    [InlineData("jdbc:sqlite:rel.db", "rel.db")]
    [InlineData("sqlite+aiosqlite:////abs/app.db", "/abs/app.db")]
    public void An_address_of_a_file_means_its_path(string text, string expected)
    {
        Assert.Equal(expected, SqliteSettings.Read(text, _folder.Path, [])!.Configured);
        Assert.Equal(DatabaseProvider.Sqlite, Known.Providers.MeantBy(text));
    }

    [Fact]
    public void Sqlites_mode_is_taken_and_parameters_of_other_clients_are_ignored_with_a_note()
    {
        var settings = SqliteSettings.Read("sqlite:app.db?mode=ro&cache=shared&_busy_timeout=5000&connection_limit=1", _folder.Path, [])!;

        Assert.True(settings.ReadOnly);
        Assert.Equal(["cache", "_busy_timeout", "connection_limit"], settings.Notes.Select(note => note.Split(' ')[0]));
    }

    [Theory]
    [InlineData("sqlite::memory:", "a database in memory")]
    [InlineData("sqlite:///:memory:", "a database in memory")]
    [InlineData("sqlite:app.db?mode=memory", "a database in memory")]
    [InlineData("sqlite://", "names no file")]
    [InlineData("sqlite:", "names no file")]
    [InlineData("sqlite:app.db?mode=PW", "the value of its parameter mode is not ro, rw, rwc or memory")]
    [InlineData("sqlite:app.db?key=PW", "its first parameter is not known")]
    [InlineData("sqlite:100%.db", "its path has a '%'")]
    [InlineData("sqlite:a%00b.db", "its path has a '%'")]
    [InlineData("Data Source=app.db Password=PW", "its Data Source has another key in it; separate keys with ';'")]
    [InlineData("Data Source=postgres://app:PW@db/shop", "its Data Source is not a plain path")]
    [InlineData("Data Source=app.db;PW", "its second part is not key=value")]
    [InlineData("Data Source=app.db;Password=PW;x=1", "its third key is not a connection-string key")]
    [InlineData("Data Source=\"app\n.db\"", "its Data Source has a line break, a NUL")]
    [InlineData("PW", "is neither key=value nor an address")]
    public void A_wrong_connection_string_for_sqlite_is_told_without_its_text(string text, string expected)
    {
        List<string> problems = [];
        Assert.Null(SqliteSettings.Read(text, _folder.Path, problems));

        Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(problems, problem => problem.Contains("PW", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Server=127.0.0.1;Port=3306;Database=shop;User ID=app;Password=PW", "Server")]
    [InlineData("Host=db;Database=app;Username=app;Password=PW", "Host")]
    [InlineData("User Id=app;Password=PW;Data Source=db", "User Id")]
    [InlineData("Data Source=db;PW=1;uid=app", "uid")]
    public void A_servers_connection_string_without_its_provider_is_told_once_and_for_every_server(string text, string key)
    {
        List<string> problems = [];
        Assert.Null(SqliteSettings.Read(text, _folder.Path, problems));

        Assert.Equal($"{key} is not a key of SQLite: set Provider to MySql or PostgreSql", Assert.Single(problems));
    }

    [Fact]
    public void Three_slashes_that_mean_a_relative_path_to_another_tool_are_not_taken_for_a_new_file_elsewhere()
    {
        _folder.Write("data/app.db", "");
        List<string> problems = [];

        Assert.Null(SqliteSettings.Read("sqlite:///data/app.db", _folder.Path, problems));

        Assert.Equal(
            $"its three slashes mean the file /data/app.db, which does not exist, but {_folder["data/app.db"]} does: " +
            "write sqlite:data/app.db for that one, or sqlite:/data/app.db for a new one",
            Assert.Single(problems));
        Assert.NotNull(SqliteSettings.Read($"sqlite://{_folder["data/app.db"]}", _folder.Path, []));
    }
}
