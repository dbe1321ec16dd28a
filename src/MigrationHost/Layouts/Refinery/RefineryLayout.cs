using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>refinery: <c>V1__x.sql</c> in the order of numbers, and <c>U2__x.sql</c>, which may come late; folders below are searched
/// too.</summary>
/// <remarks><see href="https://github.com/rust-db/refinery/blob/main/refinery_core/src/util.rs"/></remarks>
internal sealed partial class RefineryLayout(HistoryPlace place) : ToolLayout
{
    private RefineryHistory? _form;
    private readonly RefineryWidth _width = new();

    public override MigrationLayout Kind => MigrationLayout.Refinery;

    public override string Tool => Layouts.Tool.Refinery;

    public override IHistoryForm Form => _form ??= new RefineryHistory(place, _width);

    public override string Checksums =>
        "SipHash-1-3 of each file: one that has changed is refused, also if only its line ends have";

    public override string Example => "V1__create_users.sql";

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem)
    {
        var files = new List<ToolFile>();
        _width.Forget();
        foreach (var path in folder.AllFiles)
        {
            if (Name().Match(Path.GetFileName(path)) is not { Success: true } name)
                continue;
            if (!long.TryParse(name.Groups["version"].ValueSpan, out var version))
            {
                problem(path, "has a version that is not a number of 64 bits");
                continue;
            }
            _width.See(version);
            files.Add(new ToolFile($"{version}", name.Groups["title"].Value, path)
            {
                IsCode = name.Groups["extension"].Value == "rs",
                RunsLate = name.Groups["kind"].Value == "U",
            });
        }
        return files;
    }

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text)
    {
        var version = long.Parse(file.Id, CultureInfo.InvariantCulture);
        var wide = Checksum(file, raw, version, sizeof(long));
        _width.IsWideChecksum(file.Id, wide);
        return new ToolScript(text)
        {
            Checksum = _width.IsWide ? wide : Checksum(file, raw, version, sizeof(int)),
            OtherChecksums = [wide],
        };
    }

    // As Rust hashes a text, a number and a text.
    private static string Checksum(ToolFile file, byte[] raw, long number, int length)
    {
        var version = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(version, number);
        byte[] hashed = [.. Encoding.UTF8.GetBytes(file.Description), 0xFF, .. version.AsSpan(0, length), .. raw, 0xFF];
        return SipHash.Of(hashed).ToString(CultureInfo.InvariantCulture);
    }

    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now)
    {
        var number = NextNumber(folder.AllFiles.Select(path => Path.GetFileName(path)), Name(), "1", now);
        return [new($"V{number}__{name}.sql", $"-- {InWords(name)}\n")];
    }

    [GeneratedRegex(@"^(?<kind>[UV])(?<version>\d+(\.\d+)?)__(?<title>\w+)\.(?<extension>sql|rs)$")]
    private static partial Regex Name();
}
