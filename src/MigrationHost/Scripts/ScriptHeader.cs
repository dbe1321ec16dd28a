namespace MigrationHost.Scripts;

/// <summary>What a script's first line may say: <c>-- migrationhost: key=value key=value</c>.</summary>
internal sealed record ScriptHeader
{
    private const string Marker = "migrationhost:";

    private static readonly string[] Keys = ["transaction", "timeout", "foreign-keys", "breaking"];

    public static readonly ScriptHeader None = new();

    /// <summary><c>transaction=none</c>: the statements commit one by one, since one of them cannot run in a transaction.</summary>
    public bool WithoutTransaction { get; init; }

    /// <summary><c>timeout=hh:mm:ss</c>: this migration's own limit for its work.</summary>
    public TimeSpan? Timeout { get; private init; }

    /// <summary><c>foreign-keys=on</c> (SQLite): foreign keys are enforced while the script runs.</summary>
    public bool EnforceForeignKeys { get; private init; }

    /// <summary><c>breaking=true</c>: once it is applied, a build without it must not run.</summary>
    public bool IsBreaking { get; private init; }

    /// <summary>The header of a migration whose source says itself what can run in a transaction.</summary>
    public static ScriptHeader Of(bool withoutTransaction) => new() { WithoutTransaction = withoutTransaction };

    /// <summary>Reads a first line; one that is no header is <see cref="None"/>.</summary>
    public static ScriptHeader Read(string firstLine, Action<string> problem)
    {
        if (EntriesOf(firstLine, problem) is not { } entries)
            return None;
        var header = None;
        var seen = new HashSet<string>();
        foreach (var entry in entries.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = entry.IndexOf('=') is var at and >= 0 ? (entry[..at], entry[(at + 1)..]) : (entry, "");
            if (!Keys.Contains(key))
                problem($"unknown header key '{key}'{NearestName.Suggest(key, Keys)}");
            else if (!seen.Add(key))
                problem($"header key '{key}' is given twice");
            else
                header = header.With(key, value, problem);
        }
        return header;
    }

    private ScriptHeader With(string key, string value, Action<string> problem)
    {
        switch (key, value)
        {
            case ("transaction", "none"):
                return this with { WithoutTransaction = true };
            case ("foreign-keys", "on"):
                return this with { EnforceForeignKeys = true };
            case ("breaking", "true"):
                return this with { IsBreaking = true };
            case ("timeout", _):
                if (Duration.Read(value, out var timeout) is { } wrong)
                    problem($"header timeout: {wrong}");
                return this with { Timeout = timeout };
            default:
                problem(
                    $"header {key}: '{value}' is unknown; "
                        + $"the only value is {Only(key)}; leave the key out otherwise");
                return this;
        }
    }

    private static string Only(string key) => key switch { "transaction" => "none", "breaking" => "true", _ => "on" };

    // --, any blanks, the marker in any case, then the entries; null where the line says anything else.
    private static string? EntriesOf(string line, Action<string> problem)
    {
        var comment = line.AsSpan().Trim();
        if (!comment.StartsWith("--"))
            return null;
        comment = comment[2..].TrimStart();
        if (comment.StartsWith(Marker, StringComparison.OrdinalIgnoreCase))
            return comment[Marker.Length..].ToString();

        // Without its colon a header would silently not be one.
        if (comment.StartsWith(Marker.AsSpan()[..^1], StringComparison.OrdinalIgnoreCase) && comment.Contains('='))
            problem("looks like a header; write -- migrationhost: key=value");
        return null;
    }
}
