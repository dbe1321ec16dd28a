using MigrationHost.Engines.Alembic;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>What is pending and in which order: what the real Alembic then runs.</summary>
public sealed class AlembicPlanTests : IDisposable
{
    private readonly AlembicFolder _folder = new();

    [Theory]
    [InlineData("a: b:a c:b", "", "head")]
    [InlineData("a: b:a c:b", "a", "b")]
    [InlineData("a: b:a c:a d:b+c", "", "head")]
    [InlineData("a: b:a c:a d:b+c", "b", "head")]
    [InlineData("a: b:a c:a", "b", "heads")]
    [InlineData("a: b:a x@lab: y:x*b z:y", "a", "lab@head")]
    [InlineData("a: b:a c:a d:a e:b+c f:e+d g:f", "d", "head")]
    [InlineData("a: b:a c:a d:b e:c f:e", "b c", "heads")]
    [InlineData("abcd1: abce2:abcd1", "", "abcd")]
    public async Task What_is_pending_is_what_alembic_runs_in_its_order(string graph, string current, string target)
    {
        _folder.Graph(graph);
        foreach (var revision in current.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Assert.Equal(0, (await _folder.RunAsync("upgrade", revision)).Code);
        var rows = current.Length == 0 ? [] : (await Sqlite3.QueryAsync(_folder.Database, "SELECT version_num FROM "
            + "alembic_version")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var plan = AlembicPlan.Make(await _folder.AskAsync(target), rows);
        if (!plan.IsInOrder)
            plan = AlembicPlan.Make(await _folder.AskAsync(target, rows), rows);

        var (code, _, log) = await _folder.RunAsync("upgrade", target);
        Assert.True(code == 0, log);
        Assert.Equal(
            log.Split('\n').Where(line => line.Contains("Running upgrade", StringComparison.Ordinal)).Select(line =>
                line.Split("-> ")[1].Trim()),
            plan.Pending.Select(revision => $"{revision.Id}, {revision.Message}"));
    }

    [Fact]
    public async Task What_is_applied_is_all_that_comes_before_where_the_database_is()
    {
        _folder.Graph("a: b:a c:a x@lab: y:x*b");
        var project = await _folder.AskAsync("heads");

        var view = AlembicPlan.Make(project, ["y"]).View;
        Assert.Equal("a b x y", string.Join(' ', view.Applied.Select(applied => applied.Version).Order()));
        Assert.Equal("c", Assert.Single(view.Pending).Version);
        Assert.Equal("gone", Assert.Single(AlembicPlan.Make(project, ["gone"]).Unknown));
    }

    [Theory]
    [InlineData("a: b:a c:a", "head", "Multiple heads are present for given argument 'head'; ")]
    [InlineData("a: b:a", "x", "No such revision or branch 'x'")]
    [InlineData("aabb1: aabb2:aabb1", "aabb", "Multiple revisions start with 'aabb'")]
    [InlineData("a: b:a", "nix@head", "No such revision or branch 'nix'")]
    public async Task A_target_that_alembic_does_not_know_is_refused_in_its_words(string graph, string target, string problem)
    {
        _folder.Graph(graph);
        Assert.StartsWith(problem, (await _folder.AskAsync(target)).TargetProblem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+1")]
    [InlineData("a+1")]
    [InlineData("base")]
    [InlineData("a:b")]
    public async Task A_target_that_is_not_fixed_is_refused(string target)
    {
        var (code, _, errors) = await AlembicRun.MigrateAsync(_folder, ("Alembic:Target", target));
        Assert.Equal(2, code);
        Assert.Contains($"'{target}' is not a fixed target", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b:a", "b_0.py:3: revision b follows a, but no file declares it")]
    [InlineData("a: b:a*x", "b_1.py:3: revision b follows x, but no file declares it")]
    [InlineData("a: b:a a:b", ": revision a is declared twice, also in a_")]
    [InlineData("a:b b:a", "Cycle is detected in revisions")]
    public async Task Files_that_do_not_fit_together_are_named(string graph, string problem)
    {
        _folder.Graph(graph);
        Assert.Contains(problem, Assert.Single((await _folder.AskAsync()).Problems).ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
