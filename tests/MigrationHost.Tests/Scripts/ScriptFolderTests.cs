using System.Text;
using MigrationHost.Layouts;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Scripts;

public sealed class ScriptFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Versions_are_numbers_of_any_length_without_leading_zeros()
    {
        _folder.Write("0010_ten.sql", "SELECT 1;");
        _folder.Write("9_nine.sql", "SELECT 1;");
        _folder.Write("20261122100000123456789_long_ago.sql", "SELECT 1;");
        _folder.Write("0_zero.SQL", "SELECT 1;");
        _folder.Write("notes.txt", "no migration");
        _folder.Write("folder.sql/readme", "a folder is no file");

        var (scripts, problems) = Read();

        Assert.Empty(problems);
        Assert.Equal(["0", "9", "10", "20261122100000123456789"], scripts.Select(script => script.Version.ToString()));
        Assert.Equal("long ago", scripts[^1].Description);
        Assert.Equal("migrations/0010_ten.sql", scripts[2].File);
    }

    [Theory]
    [InlineData("SELECT 1;\nSELECT 2;\n", "SELECT 1;\r\nSELECT 2;\r\n")]
    [InlineData("SELECT 1;\n", "\uFEFFSELECT 1;\n")]
    public void Line_ends_and_a_byte_order_mark_do_not_change_the_checksum(string one, string other)
    {
        _folder.Write("1_a.sql", one);
        _folder.Write("2_b.sql", other);

        var (scripts, _) = Read();

        Assert.Equal(scripts[0].Checksum, scripts[1].Checksum);
        Assert.Equal(scripts[0].ReadText().Utf8.ToArray(), scripts[1].ReadText().Utf8.ToArray());
    }

    [Fact]
    public void The_checksum_is_sha256_of_the_text()
    {
        _folder.Write("1_a.sql", "SELECT 1;\n");
        Assert.Equal("sha256:0ff43836fbb9ac51ddc0e7c6db6a9f6ca9f0ebbae25a5f04ce5d7d1e8ffde3d7".Length, Read().Scripts[0].Checksum!.Length);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("SELECT 1;\n"u8)), Read().Scripts[0].Checksum);
    }

    [Theory]
    [InlineData("create_users.sql", "SELECT 1;", null, "no version and description in its name")]
    [InlineData("1.sql", "SELECT 1;", null, "no version and description in its name")]
    [InlineData("1_.sql", "SELECT 1;", null, "no version and description in its name")]
    [InlineData("1_empty.sql", "", null, "is empty")]
    [InlineData("1_mark.sql", "\uFEFF", null, "is empty")]
    [InlineData("1_blank.sql", " \r\n\t\n", null, "is empty")]
    [InlineData("1_lfs.sql", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n", 1, "is a pointer of Git LFS")]
    [InlineData("1_nul.sql", "SELECT 1;\nSELECT '\0';", 2, "contains a NUL byte")]
    [InlineData("1_key.sql", "-- migrationhost: transactoin=none\nSELECT 1;", 1, "unknown header key 'transactoin'; did you mean 'transaction'?")]
    [InlineData("1_value.sql", "-- migrationhost: transaction=off\nSELECT 1;", 1, "the only value is none")]
    [InlineData("1_time.sql", "-- migrationhost: timeout=90\nSELECT 1;", 1, "header timeout: is not a duration: write [d.]hh:mm:ss[.fff], for 90 seconds 00:01:30")]
    [InlineData("1_twice.sql", "-- migrationhost: timeout=00:01:00 timeout=00:02:00\nSELECT 1;", 1, "is given twice")]
    [InlineData("1_colon.sql", "-- migrationhost transaction=none\nSELECT 1;", 1, "looks like a header; write -- migrationhost: key=value")]
    [InlineData("1_low.sql", "-- a licence\n-- migrationhost: transaction=none\nSELECT 1;", 2, "a header is read on the first line only")]
    public void What_is_wrong_with_a_file_is_said_with_its_line(string name, string text, int? line, string message)
    {
        _folder.Write(name, text);

        var problem = Assert.Single(Read().Problems);

        Assert.Equal(($"migrations/{name}", line), (problem.File, problem.Line));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_encodings_than_utf8_are_refused()
    {
        _folder.Write("1_utf16le.sql", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("SELECT 1;")).ToArray());
        _folder.Write("2_utf16be.sql", Encoding.BigEndianUnicode.GetPreamble().Concat(Encoding.BigEndianUnicode.GetBytes("SELECT 1;")).ToArray());
        _folder.Write("3_latin1.sql", Encoding.Latin1.GetBytes("SELECT 1;\nSELECT 'é';"));

        var problems = Read().Problems;

        Assert.Equal(3, problems.Count);
        Assert.Contains("UTF-16", problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("UTF-16", problems[1].Message, StringComparison.Ordinal);
        Assert.Equal(2, problems[2].Line);
        Assert.Contains("0xE9 is not valid UTF-8", problems[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_files_of_one_version_are_refused()
    {
        _folder.Write("1_a.sql", "SELECT 1;");
        _folder.Write("01_b.sql", "SELECT 1;");

        Assert.Contains("has version 1, and so has", Assert.Single(Read().Problems).Message, StringComparison.Ordinal);
    }

    /// <summary>With a version of its own it would run right behind what it undoes.</summary>
    [Theory]
    [InlineData("1_add_users_up.sql", "1_add_users_down.sql")]
    [InlineData("1_a.sql", "1_a-down.sql")]
    [InlineData("1_a.sql", "1_a_rollback.sql")]
    [InlineData("001_a.sql", "1_undo_a.sql")]
    public void A_file_that_undoes_the_other_of_its_version_is_to_go(string up, string down)
    {
        _folder.Write(up, "SELECT 1;");
        _folder.Write(down, "SELECT 1;");

        var problem = Assert.Single(Read().Problems);

        Assert.Equal($"migrations/{down}", problem.File);
        Assert.Equal($"has version 1, and so has migrations/{up}, which it undoes, as its name says; move it out of the folder", problem.Message);
    }

    [Fact]
    public void A_hundred_problems_are_all_listed()
    {
        for (var i = 0; i < 100; i++)
            _folder.Write($"bad{i}.sql", "SELECT 1;");

        var error = Assert.Throws<MigrationException>(() => ScriptProblem.ThrowIfAny(Read().Problems, [])).Error;

        Assert.Equal((MigrationErrorCode.HistoryMismatch, 7), (error.Code, error.ExitCode));
        Assert.StartsWith("100 problems with the migrations:\n", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("\nand 80 more; --json shows all", error.Message, StringComparison.Ordinal);
        Assert.Equal(22, error.Message.Split('\n').Length);
        Assert.All(Enumerable.Range(0, 100), i => Assert.Contains(error.Problems, problem => problem.File == $"migrations/bad{i}.sql"));
    }

    /// <summary>To SQLite the comment would go on behind the carriage return and swallow the second statement.</summary>
    [Fact]
    public void A_carriage_return_alone_ends_a_line_and_in_a_string_it_is_data()
    {
        _folder.Write("1_a.sql", "CREATE TABLE a (x);\r-- it's a comment\rINSERT INTO a VALUES ('one\rtwo'); /* three\rfour */\r");

        var script = Assert.Single(Read().Scripts);

        const string expected = "CREATE TABLE a (x);\n-- it's a comment\nINSERT INTO a VALUES ('one\rtwo'); /* three\nfour */\n";
        Assert.Equal(expected, Encoding.UTF8.GetString(script.ReadText().Utf8));
    }

    [Fact]
    public void A_carriage_return_behind_a_name_with_an_apostrophe_ends_a_line_and_the_earlier_checksum_counts()
    {
        const string text = "CREATE TABLE [o'k](id int);\r-- note\rCREATE TABLE a (x);\rCREATE TABLE b (x);\r";
        _folder.Write("1_a.sql", text);

        var script = Assert.Single(Read().Scripts);

        Assert.Equal(text.Replace('\r', '\n'), Encoding.UTF8.GetString(script.ReadText().Utf8));
        var recorded = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text));
        Assert.True(script.Has($"sha256:{Convert.ToHexStringLower(recorded)}"));
    }

    [Fact]
    public void A_file_with_carriage_returns_alone_is_still_what_an_earlier_version_recorded()
    {
        const string text = "CREATE TABLE a (x);\rCREATE TABLE b (x);\r";
        _folder.Write("1_a.sql", text);
        _folder.Write("2_b.sql", "SELECT 1;");

        var (scripts, _) = Read();

        var former = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text));
        Assert.True(scripts[0].Has($"sha256:{Convert.ToHexStringLower(former)}"));
        Assert.True(scripts[0].Has(scripts[0].Checksum));
        Assert.False(scripts[0].Has(scripts[1].Checksum));
        Assert.Empty(scripts[1].OtherChecksums);
    }

    [Theory]
    [InlineData("CREATE TABLE a (x);\n\uFEFFCREATE TABLE b (x);", 2)]
    [InlineData("CREATE TABLE a (x);\n\n\uFEFF-- the second file", 3)]
    [InlineData("CREATE TABLE a (x);\uFEFF", 1)]
    [InlineData("INSERT INTO a VALUES ('\uFEFF'); -- \uFEFF\n/* \uFEFF */", null)]
    [InlineData("\uFEFFCREATE TABLE a (x);", null)]
    public void A_byte_order_mark_in_the_middle_is_found_with_its_line(string text, int? line)
    {
        _folder.Write("1_a.sql", text);

        Assert.Equal(line, Assert.Single(Read().Scripts).Findings.SingleOrDefault(finding => finding.Kind == "byte-order mark")?.Line);
    }

    [Fact]
    public void The_header_says_how_to_run()
    {
        _folder.Write("1_a.sql", "--MigrationHost: transaction=none timeout=1.02:03:04.5 foreign-keys=on\r\nSELECT 1;");

        var header = Assert.Single(Read().Scripts).Header;

        Assert.True(header.WithoutTransaction);
        Assert.True(header.EnforceForeignKeys);
        Assert.Equal(new TimeSpan(1, 2, 3, 4, 500), header.Timeout);
    }

    [Fact]
    public void A_script_that_changes_after_it_was_checked_is_not_run()
    {
        var path = _folder.Write("1_a.sql", "SELECT 1;");
        var script = Read().Scripts[0];
        File.WriteAllText(path, "DROP TABLE everything;");

        Assert.Equal(MigrationErrorCode.HistoryMismatch, Assert.Throws<MigrationException>(() => script.ReadText()).Error.Code);
    }

    private (IReadOnlyList<Migration> Scripts, IReadOnlyList<ScriptProblem> Problems) Read()
    {
        var set = new ScriptFolder(Known.Files("migrations", _folder.Path), SqlSyntax.Sqlite).Read();
        return (set.Migrations, set.Problems);
    }
}
