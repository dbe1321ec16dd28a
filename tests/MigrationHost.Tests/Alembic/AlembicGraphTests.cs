using MigrationHost.Engines.Alembic;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

public sealed class AlembicGraphTests
{
    /// <summary>"c:a+b" is a revision c after the merge of a and b; "d:a*b" one after a that depends on b; "e@x:" a base with the label x.</summary>
    private static AlembicGraph Graph(string revisions, List<ScriptProblem>? problems = null)
    {
        var found = problems ?? [];
        var graph = AlembicGraph.Build([.. revisions.Split(' ').Select(Revision)], found);
        if (problems is null)
            Assert.Empty(found);
        return graph;
    }

    private static AlembicRevision Revision(string text)
    {
        var (name, rest) = (text.Split(':')[0], text.Split(':')[1]);
        return new AlembicRevision
        {
            Id = name.Split('@')[0],
            Message = "",
            File = $"{name.Split('@')[0]}.py",
            Labels = [.. name.Split('@').Skip(1)],
            Down = rest.Split('*')[0].Split('+', StringSplitOptions.RemoveEmptyEntries),
            DependsOn = [.. rest.Split('*').Skip(1)],
        };
    }

    [Theory]
    [InlineData("a: b:a c:b", "", "head", "a b c")]
    [InlineData("a: b:a c:b", "b", "head", "c")]
    [InlineData("a: b:a c:b", "c", "head", "")]
    [InlineData("a: b:a c:b", "a", "b", "b")]
    [InlineData("a: b:a c:b", "c", "a", "")]
    [InlineData("a: b:a c:a d:b+c", "", "head", "a c b d")]
    [InlineData("a: b:a c:a d:b+c", "b", "head", "c d")]
    [InlineData("a: b:a c:a d:b+c", "b,c", "head", "d")]
    [InlineData("a: b:a c:a", "", "heads", "a c b")]
    [InlineData("a: b:a c:a", "b", "heads", "c")]
    [InlineData("a: b:a c:a", "b,c", "heads", "")]
    [InlineData("a: b:a x@x: y:x*b", "a", "x@head", "b x y")]
    [InlineData("a: b:a x@x: y:x*b", "", "heads", "a b x y")]
    [InlineData("a: x@x: y:x b:a*x", "", "b", "x a b")]
    [InlineData("abcd1: abce2:abcd1", "", "abcd", "abcd1")]
    public void What_is_pending_is_what_the_target_needs_and_the_database_does_not_have(string revisions, string current, string target, string pending)
    {
        var graph = Graph(revisions);
        var (targets, problem) = AlembicTarget.Resolve(graph, target);
        Assert.Null(problem);

        var plan = AlembicPlan.Make(graph, targets, current.Split(',', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(pending, string.Join(' ', plan.Pending.Select(revision => revision.Id)));
        Assert.Empty(plan.Unknown);
    }

    [Theory]
    [InlineData("a: b:a c:a", "head", "there are 2 heads: b (b.py), c (c.py)")]
    [InlineData("a: b:a", "x", "there is no revision x")]
    [InlineData("aabb1: aabb2:aabb1", "aabb", "several revisions begin with aabb: aabb1, aabb2")]
    [InlineData("a: b:a", "+1", "'+1' is no fixed place to be at")]
    [InlineData("a: b:a", "a+1", "'a+1' is no fixed place to be at")]
    [InlineData("a: b:a", "base", "'base' is no fixed place to be at")]
    [InlineData("a: b:a", "nix@head", "there is no branch nix")]
    [InlineData("a@l: b:a c:a", "l@head", "the branch l has 2 heads: b, c")]
    public void A_target_that_is_none_is_refused_with_the_reason(string revisions, string target, string problem) =>
        Assert.StartsWith(problem, AlembicTarget.Resolve(Graph(revisions), target).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("b:a", "b.py: revision b follows a, but no file declares it")]
    [InlineData("a: b:a*x", "b.py: revision b follows x, but no file declares it")]
    [InlineData("aabb1: aabb2:aabb1 c:aabb2*aabb", "c.py: revision c follows aabb, but no file declares it")]
    [InlineData("a: b:a a:b", "a.py: revision a is declared twice, also in a.py")]
    [InlineData("a:b b:a", "a.py: revision a follows itself in a circle")]
    public void Files_that_do_not_fit_together_are_named(string revisions, string problem)
    {
        var problems = new List<ScriptProblem>();
        Graph(revisions, problems);
        Assert.StartsWith(problem, Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_revision_in_the_database_that_no_file_declares_is_unknown()
    {
        var graph = Graph("a: b:a");
        var plan = AlembicPlan.Make(graph, graph.Heads, ["gone"]);

        Assert.Equal(["gone"], plan.Unknown);
        Assert.Equal("gone", plan.View.Current);
        Assert.Equal(["gone"], plan.View.Unknown.Select(unknown => unknown.Version));
    }

    [Fact]
    public async Task The_graph_of_the_sample_is_the_one_that_alembic_sees()
    {
        using var folder = new AlembicFolder();
        var graph = Project(folder).Graph;

        var (_, heads, _) = await folder.RunAsync("heads");
        Assert.Equal(graph.Heads.Select(head => $"{head.Id} (head)"), Lines(heads));

        // Every revision with what it follows and its message, from the last to the first, in the order of the log turned round.
        var (_, history, _) = await folder.RunAsync("history");
        var ordered = graph.InOrder(graph.With(graph.Heads.Select(head => head.Id)));
        Assert.Equal(
            ordered.Reverse().Select(revision => $"{(revision.Down.Count == 0 ? "<base>" : string.Join(", ", revision.Down))} -> {revision.Id}, {revision.Message}"),
            Lines(history).Select(line => line.Replace(" (head)", "", StringComparison.Ordinal).Replace(" (mergepoint)", "", StringComparison.Ordinal).Replace(" (branchpoint)", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("b1:a d:b1+c1", "a: b1:a c1:a d:b1+c1 e:d")]
    [InlineData("dependency", "a: b:a x@lab: y:x*b z:y")]
    [InlineData("two heads", "a: b:a c:a d:b e:c f:e")]
    [InlineData("three ways", "a: b:a c:a d:a e:b+c f:e+d g:f")]
    public async Task The_order_of_other_graphs_is_alembics_own(string name, string revisions)
    {
        using var folder = new AlembicFolder();
        foreach (var file in Directory.GetFiles(folder["migrations/versions"]))
            File.Delete(file);
        foreach (var revision in revisions.Split(' ').Select(Revision))
        {
            folder.Write($"migrations/versions/{revision.File}", $"""
                "{name}"
                revision = "{revision.Id}"
                down_revision = {(revision.Down.Count == 0 ? "None" : $"({string.Join(", ", revision.Down.Select(id => $"'{id}'"))},)")}
                depends_on = {(revision.DependsOn.Count == 0 ? "None" : $"'{revision.DependsOn[0]}'")}
                branch_labels = {(revision.Labels.Count == 0 ? "None" : $"'{revision.Labels[0]}'")}
                def upgrade(): pass
                """);
        }
        var (code, _, log) = await folder.RunAsync("upgrade", "heads");
        Assert.True(code == 0, log);

        var graph = Project(folder).Graph;
        Assert.Equal(
            Lines(log).Where(line => line.Contains("Running upgrade", StringComparison.Ordinal)).Select(line => line.Split("-> ")[1].Split(',')[0]),
            graph.InOrder(graph.With(graph.Heads.Select(head => head.Id))).Select(revision => revision.Id));
    }

    private static AlembicProject Project(AlembicFolder folder) => AlembicProject.Read(new AlembicPlace(folder.Path, "alembic.ini", folder.Path));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
