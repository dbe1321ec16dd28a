using MigrationHost.Databases;
using MigrationHost.Engines.Alembic;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

public sealed class AlembicDoctorTests : IDisposable
{
    private static readonly string[] Old = ["3.11.2", "1.8.1", "1.4.46"];
    private static readonly string[] New = ["3.13.0", "1.17.2", "2.0.44"];

    private readonly AlembicFolder _folder = new();

    [Fact]
    public async Task A_correct_project_gives_nothing()
    {
        Assert.Empty(await ExamineAsync(Old));
        Assert.Empty(await ExamineAsync(New));
        Assert.Empty(await ExamineAsync(["", "", ""]));
    }

    [Fact]
    public async Task A_project_that_blocks_itself()
    {
        _folder.Replace("migrations/env.py", "        poolclass=pool.NullPool,\n", "");
        _folder.Replace("migrations/env.py", "        with context.begin_transaction():\n            context.run_migrations()\n\n\nif", """
                    with context.begin_transaction():
                        with connectable.connect() as second:
                            second.execute("SELECT 1")
                        context.run_migrations()
                    remember(connectable)


            def remember(engine):
                # engine.connect() in a comment, and "engine.connect()" in a string
                with engine.begin() as third:
                    third.execute("SELECT 2")


            if
            """.Replace("            def", "def", StringComparison.Ordinal).Replace("            if\n", "if", StringComparison.Ordinal).Replace("                # engine", "    # engine", StringComparison.Ordinal).Replace("                with engine", "    with engine", StringComparison.Ordinal).Replace("                    third", "        third", StringComparison.Ordinal));

        await ExpectAsync(Old,
            ("migrations/env.py", "engine_from_config(\n", DoctorResult.Warning, "the pool keeps its connection open"),
            ("migrations/env.py", "as second", DoctorResult.Problem, "Alembic blocks itself"),
            ("migrations/env.py", "as third", DoctorResult.Problem, "Alembic blocks itself"));
    }

    [Fact]
    public async Task A_project_with_the_template_s_address_and_two_heads()
    {
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "driver://user:pass@localhost/dbname");
        _folder.Revision("ffff00001111", AlembicFolder.Middle, "pass");

        await ExpectAsync(Old,
            ("alembic.ini", "driver://", DoctorResult.Problem, "the template's placeholder"),
            ("migrations/versions/ffff00001111_added.py", "down_revision", DoctorResult.Problem, "there are 2 heads"));
    }

    [Fact]
    public async Task A_project_that_leaves_a_connection_open_and_begins_no_transaction()
    {
        _folder.Replace("migrations/env.py", "    with connectable.connect() as connection:\n",
            "    connection = connectable.connect()\n    if True:\n");
        _folder.Replace("migrations/env.py", "        with context.begin_transaction():\n            context.run_migrations()\n\n\nif",
            "        context.run_migrations()\n\n\nif");
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///shop.db?timeout=100000");

        await ExpectAsync(Old,
            ("migrations/env.py", "connection = connectable.connect()", DoctorResult.Problem, "opened and never closed"),
            ("migrations/env.py", "        context.run_migrations()\n\n\nif", DoctorResult.Problem,
                "outside 'with context.begin_transaction()'"),
            ("alembic.ini", "timeout=100000", DoctorResult.Warning, "a timeout of 100000 s"));
    }

    [Fact]
    public async Task An_asynchronous_project_that_never_commits()
    {
        _folder.Replace("migrations/env.py", "    with connectable.connect() as connection:\n",
            "    async with connectable.connect() as connection:\n        await connection.run_sync(migrate)\n\n\ndef "
            + "migrate(connection):\n    if True:\n");
        _folder.Replace("migrations/env.py", "def run_migrations_online", "async def run_migrations_online");
        _folder.Replace("migrations/env.py", "        with context.begin_transaction():\n            context.run_migrations()\n\n\nif",
            "        context.run_migrations()\n\n\nif");

        await ExpectAsync(New, ("migrations/env.py", "        context.run_migrations()\n\n\nif", DoctorResult.Problem, "nobody commits"));
    }

    [Fact]
    public async Task A_project_for_another_database_whose_logging_falls_silent_and_that_compares_nothing()
    {
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///%(here)s/other.db");
        _folder.Replace("migrations/env.py", ", disable_existing_loggers=False", "");
        _folder.Replace("migrations/env.py", "target_metadata = SQLModel.metadata", "target_metadata = None");
        _folder.Replace("migrations/env.py", "            compare_type=True,\n            render_as_batch=connection.dialect.name == "
            + "\"sqlite\",\n", "");

        await ExpectAsync(Old,
            ("alembic.ini", "other.db", DoctorResult.Problem, "Alembic would migrate that one"),
            ("migrations/env.py", "fileConfig(config", DoctorResult.Warning, "falls silent"),
            ("migrations/env.py", "target_metadata = None", DoctorResult.Warning, "compare the database with nothing"),
            ("migrations/env.py", "context.configure(\n            connection", DoctorResult.Warning, "without compare_type"),
            ("migrations/env.py", "context.configure(\n            connection", DoctorResult.Warning, "without render_as_batch"));
        Assert.DoesNotContain(await ExamineAsync(New), check => check.Message.Contains("compare_type", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_statement_before_alembic_s_transaction_is_a_fault_where_sqlalchemy_begins_one_by_itself()
    {
        _folder.Replace("migrations/env.py", "        context.configure(\n            connection",
            "        connection.execute(text(\"PRAGMA foreign_keys = off\"))\n        context.configure(\n            connection");

        Assert.Empty(await ExamineAsync(Old));
        await ExpectAsync(New, ("migrations/env.py", "connection.execute(text", DoctorResult.Problem, "begins a transaction that nobody "
            + "commits"));

        _folder.Replace("migrations/env.py", "foreign_keys = off\"))\n", "foreign_keys = off\"))\n        connection.commit()\n");
        Assert.Empty(await ExamineAsync(New));
    }

    [Fact]
    public async Task A_revision_that_is_missing_is_named_with_who_follows_it()
    {
        File.Delete(Directory.GetFiles(_folder["migrations/versions"], "c6d82b4e91f5*")[0]);

        var finding = Assert.Single(await ExamineAsync(Old));
        Assert.StartsWith("migrations/versions/d1f4a7630c8e_add_customer_email.py:10: revision d1f4a7630c8e follows c6d82b4e91f5, but "
            + "no file declares it", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3.6.15", "1.8.1", "1.4.46", "needs Python 3.7 or newer")]
    [InlineData("3.9.18", "1.17.0", "2.0.44", "needs Python 3.10 or newer")]
    [InlineData("3.11.0", "1.16.1", "1.3.24", "needs SQLAlchemy 1.4 or newer")]
    [InlineData("3.13.0", "1.14.0", "1.4.54", "3.13 needs 2.0.31 or newer")]
    [InlineData("3.13.0", "1.16.0.dev0", "2.0.30", "3.13 needs 2.0.31 or newer")]
    [InlineData("3.6.15", "1.4.3", "1.3.24", "is older than 1.5")]
    public void Versions_that_do_not_go_together_are_told(string python, string alembic, string sqlAlchemy, string problem) =>
        Assert.Contains(problem, Assert.Single(AlembicVersionTable.Check(AlembicVersions.Read(python, alembic, sqlAlchemy))).Problem,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "1.17.2", null)]
    [InlineData("3.13.0", null, null)]
    [InlineData("3.13.0", "1.17.2", null)]
    [InlineData(null, "1.17.2", "2.0.44")]
    [InlineData("3.13.0", "1.17.2", "unknown")]
    public void A_version_that_could_not_be_found_out_is_not_taken_for_an_old_one(string? python, string? alembic, string? sqlAlchemy) =>
        Assert.Empty(AlembicVersionTable.Check(AlembicVersions.Read(python, alembic, sqlAlchemy)));

    public void Dispose() => _folder.Dispose();

    private async Task<IReadOnlyList<DoctorCheck>> ExamineAsync(string[] versions)
    {
        var project = await _folder.AskAsync() with { Python = versions[0], Alembic = versions[1], SqlAlchemy = versions[2] };
        var own = new AlembicOwnDatabase(Known.Providers.Of(DatabaseProvider.Sqlite).Place($"Data Source={_folder.Database}", _folder.Path));
        var mismatch = own.Mismatch(project.Address, _folder.Path, strictly: true);
        return [.. AlembicDoctor.Examine(project, mismatch, new AlembicOptions(), sqlite: true, TimeSpan.FromMinutes(2))];
    }

    private async Task ExpectAsync(string[] versions, params (string File, string At, DoctorResult Result, string Says)[] faults)
    {
        var found = await ExamineAsync(versions);
        Assert.Equal(
            faults.Select(fault => ((string?)fault.File, (int?)LineOf(fault.File, fault.At), fault.Result)).OrderBy(check =>
                check.ToString()),
            found.Select(check => (check.File, check.Line, check.Result)).OrderBy(check => check.ToString()));
        foreach (var fault in faults)
            Assert.Contains(found, check =>
                check.Message.Contains(fault.Says, StringComparison.Ordinal)
                && check.Message.StartsWith($"{fault.File}:{LineOf(fault.File, fault.At)}: ", StringComparison.Ordinal)
                && check.Remedy is { Length: > 0 });
    }

    private int LineOf(string file, string text)
    {
        var content = File.ReadAllText(_folder[file]);
        var at = content.IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{file} has no '{text}'");
        return content[..at].Count(letter => letter == '\n') + 1;
    }
}
