using System.Text;
using System.Text.Json;
using MigrationHost.Platform;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// The comment in front of the statements of our sessions: the token of the process and, at the side of a run, what it is doing. The
/// processlist shows it for as long as a statement runs; a program_name is seen with performance_schema only.
/// </summary>
internal sealed record MySqlTurnWords(string Program, TurnHolder? Holder)
{
    private const string Begin = "/* " + MySqlSettings.Prefix;
    private const string End = " */ ";

    /// <summary>In front of what the work runs: an instance that is stuck in it shows nothing at its side.</summary>
    public static string OfWork { get; } = Of(new TurnHolder(Instance.Name, "running a statement", 0));

    /// <summary>Whether its process is provably gone.</summary>
    public bool IsGone => Token is { IsGone: true };

    public ProcessToken? Token => ProcessToken.Parse(Program[MySqlSettings.Prefix.Length..]);

    /// <summary>In front of what the connection at the side runs.</summary>
    public static string OfSide(TurnHolder holder) => Of(holder);

    /// <summary>What a statement in the processlist says; null if it is not one of ours.</summary>
    public static MySqlTurnWords? Read(string? statement)
    {
        if (statement?.StartsWith(Begin, StringComparison.Ordinal) is not true
            || statement.IndexOf(End, StringComparison.Ordinal) is not (var end and > 0))
            return null;
        var parts = statement[3..end].Split(' ', 2);
        return new MySqlTurnWords(parts[0], parts.Length > 1 ? HolderIn(parts[1]) : null);
    }

    private static string Of(TurnHolder holder)
    {
        var json = Encoding.UTF8.GetString(holder.ToJson());
        return $"/* {MySqlSettings.ProgramName} {json.Replace("/", "\\/", StringComparison.Ordinal)}{End}";
    }

    private static TurnHolder? HolderIn(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, TurnHolderJson.Default.TurnHolder);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
