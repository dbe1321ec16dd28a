using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>refinery: <c>V1__x.sql</c> in the order of numbers; folders below are searched too.</summary>
/// <remarks><see href="https://github.com/rust-db/refinery/blob/main/refinery_core/src/util.rs"/></remarks>
internal sealed partial class RefineryLayout(HistoryPlace place) : ToolLayout
{
    public override MigrationLayout Kind => MigrationLayout.Refinery;

    public override string Tool => Layouts.Tool.Refinery;

    public override IHistoryForm Form { get; } = new RefineryHistory(place);

    public override string Example => "V1__create_users.sql";

    public override IEnumerable<ToolFile> Files(FolderNames folder, Action<string, string> problem)
    {
        foreach (var path in folder.AllFiles)
        {
            if (Name().Match(Path.GetFileName(path)) is not { Success: true } name)
                continue;
            if (int.TryParse(name.Groups["version"].ValueSpan, out var version))
            {
                yield return new ToolFile($"{version}", name.Groups["title"].Value, path)
                {
                    IsCode = name.Groups["extension"].Value == "rs",
                };
            }
            else
                problem(path, "has a version that is not a number of 32 bits");
        }
    }

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text) => new(text) { Checksum = Checksum(file, raw) };

    // As Rust hashes a text, a number of 32 bits and a text.
    private static string Checksum(ToolFile file, byte[] raw)
    {
        var version = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(version, int.Parse(file.Id, CultureInfo.InvariantCulture));
        byte[] hashed = [.. Encoding.UTF8.GetBytes(file.Description), 0xFF, .. version, .. raw, 0xFF];
        return SipHash.Of(hashed).ToString(CultureInfo.InvariantCulture);
    }

    public override IEnumerable<NewFile> Next(FolderNames folder, string name, DateTimeOffset now)
    {
        var number = NextNumber(folder.AllFiles.Select(path => Path.GetFileName(path)), Name(), "1", now);
        return [new($"V{number}__{name}.sql", $"-- {InWords(name)}\n")];
    }

    [GeneratedRegex(@"^[UV](?<version>\d+(\.\d+)?)__(?<title>\w+)\.(?<extension>sql|rs)$")]
    private static partial Regex Name();
}
