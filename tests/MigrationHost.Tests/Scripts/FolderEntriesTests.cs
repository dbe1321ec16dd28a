using MigrationHost.Layouts;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Scripts;

/// <summary>What lies in a folder of migrations besides them: whoever has put a migration there that is not read must be told.</summary>
public sealed class FolderEntriesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public FolderEntriesTests() => _folder.Write("1_x.sql", "SELECT 1;");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_in_the_place_of_a_script_is_no_script_less()
    {
        Directory.CreateDirectory(_folder["2_y.sql"]);

        var problem = Assert.Single(Read().Problems);

        Assert.Equal(("migrations/2_y.sql", true), (problem.File, problem.Unreadable));
        Assert.Contains("it is a folder; Docker makes one", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.sql")]
    [InlineData("2_y.sql")]
    public void A_link_that_leads_nowhere_is_told(string target)
    {
        File.CreateSymbolicLink(_folder["2_y.sql"], target);

        var problem = Assert.Single(Read().Problems);

        Assert.True(problem.Unreadable);
        Assert.Contains("it is a link, and what it points to does not exist", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2_y.sql.txt")]
    [InlineData("2_y.sql.gz")]
    [InlineData("2_y.sql~")]
    [InlineData("02_y.sql.bak")]
    [InlineData("2_y.psql")]
    [InlineData("2_y.SQL.orig")]
    [InlineData("later/2_y.sql")]
    [InlineData("later/sql/2_y.sql")]
    [InlineData("2024/q1/week1/2_y.sql")]
    [InlineData("2_seed.js")]
    [InlineData("2-seed.mts")]
    [InlineData("002_seed.rb")]
    [InlineData("2_seed.php")]
    [InlineData("2_Seed.cs")]
    [InlineData("2_seed.py")]
    [InlineData("2_seed.sh")]
    public void What_looks_like_a_migration_and_is_not_read_is_told(string name)
    {
        _folder.Write(name, "SELECT 2;");

        var set = Read();

        Assert.Empty(set.Problems);
        Assert.StartsWith($"migrations/{name} is not read", Assert.Single(set.Warnings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1_x.sql~")]
    [InlineData("1_x.sql.bak")]
    [InlineData("01_x.sql.orig")]
    [InlineData(".2_y.sql.swp")]
    [InlineData("2_y.sqlite")]
    [InlineData("2_notes.txt")]
    [InlineData("Thumbs.db")]
    [InlineData("old/1_x.sql")]
    [InlineData("old/notes.txt")]
    [InlineData("..2026_11_27/2_y.sql")]
    [InlineData("old/.git/2_y.sql")]
    [InlineData("down/2_y.sql")]
    [InlineData("._1_x.sql")]
    [InlineData(".hidden.sql")]
    [InlineData(".#1_x.sql")]
    [InlineData("1_x.js")]
    [InlineData("seed.js")]
    public void Copies_notes_and_hidden_files_are_passed_over(string name)
    {
        _folder.Write(name, "SELECT 2;");

        var set = Read();

        Assert.Empty(set.Problems);
        Assert.Empty(set.Warnings);
    }

    [Fact]
    public void A_folder_that_has_none_but_such_files_says_which()
    {
        File.Move(_folder["1_x.sql"], _folder["1_x.sql.txt"]);

        Assert.Contains("migrations/1_x.sql.txt is not read", Read().Empty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_two_folders_names_the_one_that_is_meant()
    {
        File.Delete(_folder["1_x.sql"]);
        _folder.Write("up/1_x.sql", "SELECT 1;");
        _folder.Write("down/1_x.sql", "SELECT 1;");

        Assert.Contains("migrations/up/1_x.sql is not read", Read().Empty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_migration_in_code_forbids_to_begin_without_it_and_not_to_go_on()
    {
        _folder.Write("2_seed.js", "exports.up = 1;");
        _folder.Write("3_run_tests.sh", "exit 0");

        var set = Read();

        var refused = Assert.Single(MigrationPlanner.Plan(set, []).Problems).ToString();
        Assert.StartsWith("migrations/2_seed.js: has a number as a migration has, and is not SQL", refused, StringComparison.Ordinal);
        var ours = new HistoryEntry { Version = "1", State = HistoryState.Applied, Checksum = set.Migrations[0].Checksum };
        var plan = MigrationPlanner.Plan(set, [ours]);
        Assert.Empty(plan.Problems);
        Assert.Equal(2, plan.Warnings.Count);
    }

    [Fact]
    public void A_folder_that_may_be_empty_may_have_programs()
    {
        File.Move(_folder["1_x.sql"], _folder["1_x.py"]);

        Assert.Empty(Read().Findings);
    }

    [Theory]
    [InlineData("1_X.sql")]
    [InlineData("1_x (1).sql")]
    [InlineData("1_x.SQL")]
    public void A_second_file_of_a_version_is_refused_however_little_its_name_differs(string name)
    {
        _folder.Write(name, "SELECT 2;");

        Assert.Contains("has version 1, and so has", Assert.Single(Read().Problems).Message, StringComparison.Ordinal);
    }

    /// <summary>As Kubernetes mounts a ConfigMap; and a link back to the folder itself, which has no end.</summary>
    [Fact]
    public void Hidden_folders_and_links_back_have_no_files_of_their_own()
    {
        _folder.Write("..2026_11_27/V1__x.sql", "SELECT 1;");
        Directory.CreateSymbolicLink(_folder["..data"], "..2026_11_27");
        File.CreateSymbolicLink(_folder["V1__x.sql"], "..data/V1__x.sql");
        _folder.Write("sub/V2__y.sql", "SELECT 2;");
        foreach (var link in new[] { "a", "b", "sub/c", "sub/d" })
            Directory.CreateSymbolicLink(_folder[link], _folder.Path);

        Assert.Equal(["1_x.sql", "V1__x.sql", "sub/V2__y.sql"], Known.Files("migrations", _folder.Path).AllFiles);
    }

    private MigrationSet Read() => new ScriptFolder(Known.Files("migrations", _folder.Path), SqlSyntax.Sqlite).Read();
}
