using MigrationHost.Databases;
using MigrationHost.Engines;
using MigrationHost.Running;

namespace MigrationHost.EntityFramework;

/// <summary>The engine of contexts: each is registered in code, and is known by the name of its entry.</summary>
internal sealed class ContextDescriptor(IEnumerable<IRegisteredDatabase> registered) : IEngineDescriptor
{
    private readonly Dictionary<string, ContextDatabase> _contexts = registered.OfType<ContextDatabase>().ToDictionary(
        context => context.Name);

    public EngineKind Kind => EngineKind.EntityFramework;

    public IReadOnlyList<EngineSetting> Settings { get; } =
    [
        new(nameof(DatabaseOptions.PendingModelChanges), options => options.PendingModelChanges != default),
        new(nameof(DatabaseOptions.CallMigrate), options => options.CallMigrate),
        new(nameof(DatabaseOptions.AllowEmpty), options => options.AllowEmpty),
        new(nameof(DatabaseOptions.AllowExistingTables), options => options.AllowExistingTables),
    ];

    public EngineTraits Traits { get; } = new() { UsesOurSession = true };

    public void Read(SectionReader reader, DatabaseOptions options)
    {
        options.PendingModelChanges = reader.Choice(nameof(options.PendingModelChanges), options.PendingModelChanges);
        options.CallMigrate = reader.Flag(nameof(options.CallMigrate), options.CallMigrate);
    }

    public IEnumerable<string> Problems(DatabaseOptions options, string contentRoot) => options.RegisteredAs is not null
        ? []
        : ["Engine: a context is registered in code: AddMigrationHost(configuration).AddEntityFramework<TContext>(name)"];

    public NeighbourHistory HistoryOf(DatabaseOptions options) => new(_contexts[options.RegisteredAs!].HistoryTable);

    public IMigrationEngine Create(EngineSetup setup) => _contexts[setup.Options.RegisteredAs!].CreateEngine(setup);
}
