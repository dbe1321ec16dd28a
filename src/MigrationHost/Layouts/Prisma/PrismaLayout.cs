using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Prisma: <c>20261126100000_x/migration.sql</c> beside <c>migration_lock.toml</c>, in the order of the names as text.</summary>
/// <remarks><see
/// href="https://github.com/prisma/prisma-engines/blob/main/schema-engine/connectors/schema-connector/src/migrations_directory.rs"/>,
/// checksum.rs</remarks>
internal sealed partial class PrismaLayout(LayoutSite site) : ToolLayout
{
    private const string Script = "migration.sql";
    private const string Lock = "migration_lock.toml";

    public override MigrationLayout Kind => MigrationLayout.Prisma;

    public override string Tool => Layouts.Tool.Prisma;

    public override IHistoryForm Form { get; } = new PrismaHistory(site.History);

    public override IComparer<string> Order => TextVersion.Order;

    public override bool RunsLate => true;

    // Its own way to squash migrations leaves the rows of those that are gone.
    public override bool MayLack => true;

    public override string Checksums =>
        "SHA-256 of each file: one that has changed is refused, other line ends are the same";

    public override string Example => "20261126100000_create_users/migration.sql";

    public override string? ReadId(string text, out string problem) => TextVersion.Read(text, out problem);

    public override IEnumerable<ToolFile> Files(FolderNames folder, Action<string, string> problem)
    {
        if (folder.Has(Lock) && Provider().Match(Encoding.UTF8.GetString(folder.Read(Lock))) is { Success: true } provider
            && provider.Groups["name"].Value is var name && !name.Equals(site.Provider.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            problem(Lock, $"says that these migrations are for {name}, and the database is {site.Provider}");
        }
        foreach (var migration in folder.Folders.Where(migration => !folder.IsEmptyFolder(migration)))
        {
            if (folder.Has($"{migration}/{Script}"))
                yield return new ToolFile(migration, TitleOf(migration), $"{migration}/{Script}");
            else if (folder.Has($"{migration}/migration.ts"))
                yield return new ToolFile(migration, InWords(migration), $"{migration}/migration.ts") { IsCode = true };
            else
                problem(migration, $"has no {Script}");
        }
    }

    // Its tool sends the file as one query to PostgreSQL: one statement alone has no transaction around it then. To SQLite it sends one
    // statement after the other, none of them in a transaction.
    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text)
    {
        var read = Encoding.UTF8.GetString(raw);
        var lines = read.Replace("\r\n", "\n", StringComparison.Ordinal);
        var needs = TransactionNeeds.Of(text);
        return new ToolScript(text)
        {
            WithoutTransaction = site.Provider == DatabaseProvider.Sqlite ? needs.Outside > 0 : needs.IsLone,
            Checksum = ChecksumOf(read),
            OtherChecksums = [ChecksumOf(lines), ChecksumOf(lines.Replace("\n", "\r\n", StringComparison.Ordinal))],
        };
    }

    private static string ChecksumOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex(@"^\s*provider\s*=\s*""(?<name>\w+)""", RegexOptions.Multiline)]
    private static partial Regex Provider();
}
