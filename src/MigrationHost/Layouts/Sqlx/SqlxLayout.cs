using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>sqlx: <c>20261126100000_x.sql</c>, or <c>….up.sql</c> and <c>….down.sql</c>, in the order of numbers.</summary>
/// <remarks><see href="https://github.com/launchbadge/sqlx/blob/main/sqlx-core/src/migrate/source.rs"/></remarks>
internal sealed partial class SqlxLayout(HistoryPlace place) : ToolLayout
{
    public override MigrationLayout Kind => MigrationLayout.Sqlx;

    public override string Tool => Layouts.Tool.Sqlx;

    public override IHistoryForm Form { get; } = new SqlxHistory(place);

    public override bool RunsLate => true;

    public override string Checksums =>
        "SHA-384 of each file: one that has changed is refused, also if only its line ends have";

    public override string Example => "20261126100000_create_users.sql";

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem)
    {
        var downs = UpDownFiles.Downs(folder, DownFile());
        foreach (var file in folder.Files)
        {
            if (Name().Match(file) is not { Success: true } name || file.EndsWith(".down.sql", StringComparison.Ordinal))
                continue;
            if (long.TryParse(name.Groups["version"].ValueSpan, out var version))
            {
                yield return new ToolFile($"{version}", name.Groups["title"].Value.Replace('_', ' '), file)
                {
                    Down = downs.GetValueOrDefault($"{version}"),
                };
            }
            else
                problem(file, "has a version that is not a number of 64 bits");
        }
    }

    // A checkout with other line ends has another checksum, as to the tool itself.
    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text) => new(text)
    {
        WithoutTransaction = raw.AsSpan().StartsWith("-- no-transaction"u8),
        Checksum = Convert.ToHexStringLower(SHA384.HashData(raw)),
    };

    /// <remarks>A pair of files if the last migration is one, as sqlx itself decides.</remarks>
    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now)
    {
        var stem = $"{NextNumber(folder.Files, Name(), NextVersion.First(now), now)}_{name}";
        var last = Files(folder, (_, _) => { }).MaxBy(file => file.Id, Order);
        return last?.Name.EndsWith(".up.sql", StringComparison.Ordinal) is true
            ? [new($"{stem}.up.sql", "-- Add up migration script here\n"), new($"{stem}.down.sql", "-- Add down migration script here\n")]
            : [new($"{stem}.sql", "-- Add migration script here\n")];
    }

    [GeneratedRegex(@"^(?<version>[^_]*)_(?<title>.*?)(\.up)?\.sql$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^(?<version>\d+)_.*\.down\.sql$")]
    private static partial Regex DownFile();
}
