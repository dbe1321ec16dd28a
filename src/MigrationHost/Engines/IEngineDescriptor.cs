using MigrationHost.Running;

namespace MigrationHost.Engines;

/// <summary>One way to apply migrations: which settings it has, what they mean, and how it is made of them. To add one, implement this in a
/// folder of its own and register it.</summary>
internal interface IEngineDescriptor : IDescriptor<EngineKind>
{
    /// <summary>The settings that it uses besides those of every database.</summary>
    IReadOnlyList<EngineSetting> Settings { get; }

    /// <summary>What the words for its status depend on.</summary>
    EngineTraits Traits { get; }

    /// <summary>Reads its settings of a database, also if another engine is chosen: they are known then, and ignored.</summary>
    void Read(SectionReader reader, DatabaseOptions options);

    /// <summary>What is wrong with them, each with its key in front.</summary>
    IEnumerable<string> Problems(DatabaseOptions options, string contentRoot);

    /// <summary>What it keeps in a database, for others that work on the same one.</summary>
    NeighbourHistory HistoryOf(DatabaseOptions options);

    /// <summary>Makes the engine of settings that were checked.</summary>
    IMigrationEngine Create(EngineSetup setup);
}
