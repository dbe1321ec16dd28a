using System.Collections.Concurrent;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Blockages of every kind: the root is named in the error, with what ends it, and nobody else ever is.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class BlockageTests(PostgreSqlCluster cluster)
{
    private const int AtOnce = 4;

    public static TheoryData<string> Kinds => [.. Blockages.ByKind.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_root_is_named_with_what_ends_it_and_nobody_else_is(string kind)
    {
        var failures = new ConcurrentBag<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = kind == Blockages.WholeServer ? 1 : AtOnce };
        await Parallel.ForEachAsync(Blockages.ByKind[kind], options, async (blockage, _) =>
        {
            await using var run = new BlockageRun(cluster, blockage);
            foreach (var failure in await run.FailuresAsync())
                failures.Add(failure);
        });
        Assert.True(failures.IsEmpty, $"{failures.Count} of {Blockages.ByKind[kind].Count}:\n{string.Join("\n\n", failures)}");
    }
}
