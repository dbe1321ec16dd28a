using MigrationHost.Databases.Sqlite;
using MigrationHost.Tests.Support;
using SQLitePCL;

namespace MigrationHost.Tests.Sqlite;

/// <summary>Failures of files and disks: told apart from failures of the script, each with its own remedy.</summary>
public sealed class SqliteErrorTests : IAsyncLifetime
{
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";

    private readonly SqliteTestDatabase _database = new() { AllowExistingTables = true };

    private string Arguments => string.Join(' ', _database.Arguments().Select(argument => $"'{argument}'"));

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER, text TEXT);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    /// <summary>A new, empty database in a folder that is called ~ would be ready, and gone with the container.</summary>
    [Theory]
    [InlineData("~/app.db", "begins with '~'")]
    [InlineData("~app/app.db", "begins with '~'")]
    [InlineData("$HOME/app.db", "has a variable in it")]
    [InlineData("${DB_PATH}", "has a variable in it")]
    [InlineData("data/%DB_NAME%.db", "has a variable in it")]
    [InlineData("{{ .Values.path }}", "has a variable in it")]
    [InlineData(@"C:\data\app.db", "is a path of Windows")]
    [InlineData(@"C:/data/app.db", "is a path of Windows")]
    [InlineData("data/app.db/", "ends like a folder")]
    public void A_path_that_is_no_path_yet_is_not_made_a_database(string source, string told)
    {
        using var folder = new TempFolder();
        var problems = new List<string>();

        SqliteSettings.Read($"Data Source={source}", folder.Path, problems);

        Assert.Contains($"its Data Source {told}", Assert.Single(problems), StringComparison.Ordinal);
        folder.Write(source.TrimEnd('/'), "there");
        problems.Clear();
        SqliteSettings.Read($"Data Source={source.TrimEnd('/')}", folder.Path, problems);
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("data/price_$5.db")]
    [InlineData("data/p%20x%20y.db")]
    [InlineData("data/a~1.db")]
    public void A_name_with_such_a_sign_may_be_meant(string source)
    {
        using var folder = new TempFolder();
        var problems = new List<string>();

        SqliteSettings.Read($"Data Source={source}", folder.Path, problems);

        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("migrate", 4, "1_create.sql:4: no folder for temporary files is writable: disk I/O error")]
    [InlineData("doctor", 12, "problem  app  temporary files: no folder for temporary files is writable")]
    public async Task Without_a_folder_for_temporary_files_the_variable_that_names_one_is_told(string command, int expected, string message)
    {
        _database.Migration(
            "1_create",
            "-- migrationhost: transaction=none\nCREATE TABLE a (text TEXT);\n"
            + "INSERT INTO a WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20000) "
            + "SELECT hex(randomblob(300)) FROM n;\nVACUUM;");
        _database.OpenToEverybody();
        File.SetUnixFileMode(_database.Folder.Path, (UnixFileMode)0x1ED);
        var program = Path.GetRelativePath(MigrationHostProgram.Repository, MigrationHostProgram.Path);
        await using var run = new RunningProgram(
            "unshare",
            [
                "--mount", "sh", "-c",
                $"mount --bind . /mnt; mount --bind '{MigrationHostProgram.Repository}' /media; "
                + "mount -t tmpfs -o ro tmpfs /tmp; mount -t tmpfs -o ro tmpfs /var/tmp; cd /mnt; "
                + $"exec {AsNobody} '/media/{program}' {command} {Arguments}",
            ],
            _database.Folder.Path,
            new Dictionary<string, string?> { ["TMPDIR"] = null });

        Assert.True(await run.ExitAsync() == expected, run.All);
        Assert.Contains(message, run.Output, StringComparison.Ordinal);
        Assert.Contains("Set the environment variable SQLITE_TMPDIR", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Correct the script", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_tells_that_the_folder_asked_for_is_passed_over()
    {
        await using var program = new RunningProgram(
            MigrationHostProgram.Path,
            ["doctor", .. _database.Arguments()],
            _database.Folder.Path,
            new Dictionary<string, string?> { ["SQLITE_TMPDIR"] = "/nowhere" });

        Assert.True(await program.ExitAsync() == 0, program.All);
        Assert.Contains(
            "temporary files: SQLITE_TMPDIR=/nowhere is not a folder that is writable", program.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("migrate", 3)]
    [InlineData("doctor", 12)]
    public async Task A_file_system_that_is_mounted_read_only_is_told_as_such(string command, int expected)
    {
        await _database.QueryAsync("CREATE TABLE b (id INTEGER)");
        await using var program = new RunningProgram(
            "unshare",
            [
                "--mount", "sh", "-c",
                $"mount --bind data data; mount -o remount,ro,bind data; exec '{MigrationHostProgram.Path}' {command} {Arguments}",
            ],
            _database.Folder.Path);

        Assert.True(await program.ExitAsync() == expected, program.All);
        Assert.Contains("Mount it writable", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("permission", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_named_with_its_owner()
    {
        await _database.QueryAsync("CREATE TABLE b (id INTEGER)");
        _database.OpenToEverybody();
        File.SetUnixFileMode(_database.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await using var program = new RunningProgram(
            "sh", ["-c", $"exec {AsNobody} '{MigrationHostProgram.Path}' migrate {Arguments}"], _database.Folder.Path);

        Assert.True(await program.ExitAsync() == 3, program.All);
        Assert.Contains("data/app.db is not writable for", program.Output, StringComparison.Ordinal);
        Assert.Contains("and belongs to root (uid 0)", program.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(raw.SQLITE_IOERR | 3 << 8, 5, "Input/output error", "dmesg")]
    [InlineData(raw.SQLITE_IOERR | 3 << 8, 122, "the disk is full", "raise the quota")]
    [InlineData(raw.SQLITE_FULL, 28, "the disk is full", "Free some space")]
    [InlineData(raw.SQLITE_IOERR | 3 << 8, 30, "Read-only file system", "Mount it writable")]
    [InlineData(raw.SQLITE_IOERR | 25 << 8, null, "no folder for temporary files", "SQLITE_TMPDIR")]
    [InlineData(raw.SQLITE_CORRUPT, null, "", "Restore it from a backup")]
    [InlineData(raw.SQLITE_LOCKED, null, "", "transaction=none")]
    public void What_failed_at_the_disk_comes_with_a_remedy_of_its_own(int code, int? systemError, string message, string remedy)
    {
        var failure = new SqliteFailure(code, "it failed", null, systemError);

        Assert.Contains(message, SqliteErrors.Describe(failure), StringComparison.Ordinal);
        Assert.Contains(remedy, SqliteErrors.HintFor(failure, _database.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_inside_a_transaction_is_refused_and_not_waited_for()
    {
        _database.Migration("2_checkpoint", "INSERT INTO a VALUES (1, 'x');\nPRAGMA wal_checkpoint(TRUNCATE);");
        await _database.QueryAsync("PRAGMA journal_mode = wal");
        await using var host = _database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
        Assert.Contains("transaction=none", error!.Hint, StringComparison.Ordinal);
    }
}
