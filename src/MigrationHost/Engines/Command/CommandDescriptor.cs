using MigrationHost.Running;

namespace MigrationHost.Engines.Command;

/// <summary>Any external tool.</summary>
internal sealed class CommandDescriptor : IEngineDescriptor
{
    private const string Section = nameof(DatabaseOptions.Command);

    public EngineKind Kind => EngineKind.Command;

    public IReadOnlyList<EngineSetting> Settings { get; } = [new(Section, options => options.Command is not null)];

    public EngineTraits Traits { get; } = new() { KnowsMigrations = false };

    public void Read(SectionReader reader, DatabaseOptions options)
    {
        if (reader.Has(Section))
            options.Command = CommandReader.Read(reader.Section(Section));
    }

    public IEnumerable<string> Problems(DatabaseOptions options, string contentRoot) =>
        CommandReader.Problems(Section, options.Command, contentRoot);

    public NeighbourHistory HistoryOf(DatabaseOptions options) => new(Table: null);

    public IMigrationEngine Create(EngineSetup setup)
    {
        var command = setup.Options.Command!;
        return new CommandEngine(
            setup.Database,
            ToolCommands.Of(command, setup.ContentRoot),
            command.Verify is { } verify ? ToolCommands.Of(verify, setup.ContentRoot) : null,
            setup.Time,
            setup.Logger);
    }
}
