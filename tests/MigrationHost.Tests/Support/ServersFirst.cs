using Xunit.Abstractions;

namespace MigrationHost.Tests.Support;

/// <summary>The collections that share a server come first: their classes run one after the other, so that they take longest, and none
/// of them may be left for the end.</summary>
public sealed class ServersFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.CollectionDefinition is null);
}
