using MigrationHost.Scripts;

namespace MigrationHost.Running;

/// <summary>The SQL that would run.</summary>
/// <param name="Text">It, for the database's own client.</param>
/// <param name="Migrations">Which migrations it has, in their order.</param>
/// <param name="HowToRun">How that client runs it.</param>
internal sealed record WrittenScript(string Text, IReadOnlyList<Migration> Migrations, Func<string, string> HowToRun);
