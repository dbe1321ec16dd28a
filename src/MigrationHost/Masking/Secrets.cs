using System.Collections;

namespace MigrationHost.Masking;

/// <summary>
/// Every value that is known to be secret, and the one place that masks them in what leaves this process: log, status,
/// health, answers of commands, the output of tools.
/// </summary>
/// <remarks>It masks values, not documents: JSON is masked before it is written, so that it stays JSON.</remarks>
internal sealed class Secrets
{
    public const string Mask = "***";

    /// <summary>
    /// From this length on a secret is masked wherever it occurs. A shorter one only if it is a word by itself, so that no word is torn.
    /// </summary>
    private const int LongEnough = 6;

    /// <summary>Below this length nothing is a secret that anybody keeps, and masking it would make every text unreadable.</summary>
    private const int Shortest = 3;

    /// <summary>Knows nothing but forms: addresses and, in the output of tools, <c>password=…</c>.</summary>
    public static readonly Secrets None = new([]);

    private readonly string[] _values;

    private Secrets(IEnumerable<string> values)
    {
        // The longest first: one secret may be a part of another.
        _values = [.. values.Distinct(StringComparer.Ordinal).OrderByDescending(value => value.Length)];
    }

    /// <summary>The secrets of the settings, and those of this process's environment, which the tools inherit.</summary>
    public static Secrets Of(MigrationHostOptions options) => new(
        Known(options).Concat(Environment()).SelectMany(Forms).Where(value => value.Length >= Shortest)
            // What is printed as a name anyway would only be given away by masking it.
            .Except(options.Databases.SelectMany(Names), StringComparer.Ordinal));

    /// <summary>The secrets of this process's environment and command line, for what is said before the settings are read.</summary>
    public static Secrets OfProcess() =>
        new(Environment().Concat(System.Environment.GetCommandLineArgs().SelectMany(SecretText.In)).SelectMany(Forms)
            .Where(value => value.Length >= LongEnough));

    /// <summary>A text of ours or of a driver, masked. The same instance if there is nothing to mask.</summary>
    public string In(string text)
    {
        foreach (var value in _values)
            text = value.Length >= LongEnough ? text.Replace(value, Mask, StringComparison.Ordinal) : ReplaceAlone(text, value);
        return SecretText.MaskAddresses(text, Mask);
    }

    /// <summary>A line of a tool, masked: there <c>password=…</c> is masked too, whatever the password is.</summary>
    public string InLine(string line) => SecretText.MaskPairs(In(line), Mask);

    /// <summary>How much of a text whose rest is not there yet can be masked: behind that, a secret may have begun.</summary>
    public int Complete(string text)
    {
        var longest = _values.Length > 0 ? _values[0].Length : 0;
        for (var at = Math.Max(1, text.Length - longest + 1); at < text.Length; at++)
        {
            if (Array.Exists(_values, value => value.AsSpan().StartsWith(text.AsSpan(at)) && value.Length > text.Length - at))
                return BeforeAny(text, at);
        }
        return text.Length;
    }

    // Nor may the cut tear one that is there as a whole.
    private int BeforeAny(string text, int at) => _values
        .Select(value => text.IndexOf(value, Math.Clamp(at - value.Length + 1, 1, at), StringComparison.Ordinal))
        .Where(from => from > 0 && from < at).Append(at).Min();

    private static IEnumerable<string> Known(MigrationHostOptions options)
    {
        foreach (var database in options.Databases.Values)
        {
            foreach (var secret in ConnectionSecrets.Of(database.ConnectionString ?? ""))
                yield return secret;
            foreach (var command in new[] { database.Command, database.Command?.Verify }.OfType<CommandOptions>())
            {
                foreach (var secret in NamedSecrets.InArguments(command.Executable ?? "", [.. command.Arguments])
                    .Where(secret => !IsFile(secret)).Concat(Variables(command.Environment)))
                    yield return secret;
            }
            foreach (var secret in Variables(database.Alembic?.Environment ?? new Dictionary<string, string>()))
                yield return secret;
            foreach (var secret in Variables(database.Placeholders))
                yield return secret;
        }
    }

    private static IEnumerable<string> Variables(IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach (var (name, value) in variables)
        {
            if (IsSecret(name, value))
                yield return value;
            foreach (var secret in ConnectionSecrets.Of(value).Concat(NamedSecrets.In(value).Where(secret => !IsFile(secret))))
                yield return secret;
        }
    }

    // What names a file (DB_PASSWORD_FILE, GIT_ASKPASS) is not secret itself.
    private static bool IsSecret(string name, string value) => SecretText.IsSecretName(name) && !IsFile(value);

    private static bool IsFile(string value) => Path.IsPathRooted(value) && Path.Exists(value);

    private static IEnumerable<string> Environment()
    {
        var variables = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return Variables(variables).Where(value => value.Length >= LongEnough);
    }

    private static IEnumerable<string> Names(KeyValuePair<string, DatabaseOptions> database) =>
        ConnectionSecrets.PublicNames(database.Value.ConnectionString ?? "").Prepend(database.Key);

    // A tool writes one that has several lines, such as a key, line by line.
    private static IEnumerable<string> Forms(string secret) => secret.AsSpan().ContainsAny('\r', '\n')
        ? secret.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line.Length >= LongEnough).Append(secret).SelectMany(SecretForms.Of)
        : SecretForms.Of(secret);

    private static string ReplaceAlone(string text, string value)
    {
        for (var at = text.IndexOf(value, StringComparison.Ordinal); at >= 0; at = text.IndexOf(value, at + 1, StringComparison.Ordinal))
        {
            var end = at + value.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
                text = $"{text[..at]}{Mask}{text[end..]}";
        }
        return text;
    }
}
