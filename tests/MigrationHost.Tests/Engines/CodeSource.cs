using System.Text;
using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Tests.Engines;

/// <summary>A source that a program has in its code: its ids are words, and their order is that of the list.</summary>
internal sealed class CodeSource(params (string Id, string Sql)[] migrations) : IMigrationSource
{
    public string Place => "the code";

    public IComparer<string> Order => Comparer<string>.Create((one, other) => Index(one).CompareTo(Index(other)));

    public IReadOnlyList<NewFile> Next(string title, DateTimeOffset now) => throw new NotSupportedException();

    public MigrationSet Read(FilesInHand files) => new(Place, Order)
    {
        Empty = new ScriptProblem(Place, null, "has no migrations"),
        Migrations = [.. migrations.Select(migration => Migration(migration.Id, migration.Sql))],
    };

    public string? ReadId(string text, out string problem)
    {
        problem = "it is none of the code's";
        return Index(text) >= 0 ? text : null;
    }

    private int Index(string? id) => Array.FindIndex(migrations, migration => migration.Id == id);

    private static Migration Migration(string id, string sql)
    {
        var text = ScriptText.Read(Encoding.UTF8.GetBytes(sql), SqlSyntax.Sqlite, (_, _) => { })!;
        return new Migration
        {
            Version = id,
            Description = $"{id} in code",
            Checksum = text.Checksum(),
            Header = ScriptHeader.Read("", _ => { }),
            File = $"code:{id}",
            Text = () => text,
        };
    }
}
