using MigrationHost.Running;

namespace MigrationHost.Engines;

/// <summary>The migrations of an Entity Framework Core context. The package that knows EF Core registers the context and makes the engine
/// (<see cref="IRegisteredDatabase"/>).</summary>
internal sealed class EntityFrameworkDescriptor : IEngineDescriptor
{
    private const string HowToRegister = "a context is registered in code: AddMigrationHost(configuration).AddEntityFramework<TContext>()";

    public EngineKind Kind => EngineKind.EntityFramework;

    public IReadOnlyList<EngineSetting> Settings { get; } =
    [
        new("PendingModelChanges", options => options.PendingModelChanges != default),
        new("AllowEmpty", options => options.AllowEmpty),
        new("AllowExistingTables", options => options.AllowExistingTables),
    ];

    public EngineTraits Traits { get; } = new() { UsesOurSession = true };

    public void Read(SectionReader reader, DatabaseOptions options) =>
        options.PendingModelChanges = reader.Choice("PendingModelChanges", options.PendingModelChanges);

    public IEnumerable<string> Problems(DatabaseOptions options, string contentRoot) =>
        options.IsRegistered ? [] : [$"Engine: {HowToRegister}"];

    public NeighbourHistory HistoryOf(DatabaseOptions options) => new("__EFMigrationsHistory");

    public IMigrationEngine Create(EngineSetup setup) => throw new InvalidOperationException(HowToRegister);
}
