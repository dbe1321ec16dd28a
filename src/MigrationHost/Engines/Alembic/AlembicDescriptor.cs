using MigrationHost.Running;

namespace MigrationHost.Engines.Alembic;

/// <summary>Alembic.</summary>
internal sealed class AlembicDescriptor : IEngineDescriptor
{
    private const string Section = nameof(DatabaseOptions.Alembic);

    public EngineKind Kind => EngineKind.Alembic;

    public IReadOnlyList<EngineSetting> Settings { get; } = [new(Section, options => options.Alembic is not null)];

    public EngineTraits Traits { get; } = new();

    public void Read(SectionReader reader, DatabaseOptions options)
    {
        if (reader.Has(Section))
            options.Alembic = AlembicReader.Read(reader.Section(Section));
    }

    public IEnumerable<string> Problems(DatabaseOptions options, string contentRoot) =>
        AlembicReader.Problems(Section, options.Alembic ?? new AlembicOptions(), contentRoot);

    public NeighbourHistory HistoryOf(DatabaseOptions options) =>
        new(options.Alembic?.VersionTable ?? AlembicDatabase.DefaultVersionTable);

    public IMigrationEngine Create(EngineSetup setup) => new AlembicEngine(setup);
}
