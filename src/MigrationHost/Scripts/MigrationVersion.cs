using System.Diagnostics.CodeAnalysis;

namespace MigrationHost.Scripts;

/// <summary>A migration's version: a whole number of any length, shown and stored without leading zeros.</summary>
internal readonly record struct MigrationVersion : IComparable<MigrationVersion>
{
    private readonly string _digits;

    private MigrationVersion(string digits) => _digits = digits;

    public static bool TryParse([NotNullWhen(true)] string? text, out MigrationVersion version)
    {
        version = default;
        if (string.IsNullOrEmpty(text) || !text.All(char.IsAsciiDigit))
            return false;
        var digits = text.TrimStart('0');
        version = new MigrationVersion(digits.Length == 0 ? "0" : digits);
        return true;
    }

    public int CompareTo(MigrationVersion other)
    {
        var byLength = _digits.Length.CompareTo(other._digits.Length);
        return byLength != 0 ? byLength : string.CompareOrdinal(_digits, other._digits);
    }

    public override string ToString() => _digits;

    public static bool operator <(MigrationVersion left, MigrationVersion right) => left.CompareTo(right) < 0;
    public static bool operator >(MigrationVersion left, MigrationVersion right) => left.CompareTo(right) > 0;
    public static bool operator <=(MigrationVersion left, MigrationVersion right) => left.CompareTo(right) <= 0;
    public static bool operator >=(MigrationVersion left, MigrationVersion right) => left.CompareTo(right) >= 0;
}
