using System.Diagnostics.CodeAnalysis;

namespace MigrationHost.Scripts;

/// <summary>A migration's version: a whole number of any length, shown and stored without leading zeros.</summary>
/// <remarks>A class, not a struct: collections of a struct of our own have to be compiled when a service starts, those of a class are there.</remarks>
internal sealed record MigrationVersion : IComparable<MigrationVersion>
{
    private readonly string _digits;

    private MigrationVersion(string digits) => _digits = digits;

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out MigrationVersion? version)
    {
        version = null;
        if (text.IsEmpty || text.IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        var digits = text.TrimStart('0');
        version = new MigrationVersion(digits.IsEmpty ? "0" : digits.ToString());
        return true;
    }

    public int CompareTo(MigrationVersion? other)
    {
        if (other is null)
            return 1;
        var byLength = _digits.Length.CompareTo(other._digits.Length);
        return byLength != 0 ? byLength : string.CompareOrdinal(_digits, other._digits);
    }

    public override string ToString() => _digits;

    public static bool operator <(MigrationVersion? left, MigrationVersion? right) => left is not null && right is not null && left.CompareTo(right) < 0;
    public static bool operator >(MigrationVersion? left, MigrationVersion? right) => right < left;
    public static bool operator <=(MigrationVersion? left, MigrationVersion? right) => left is not null && right is not null && left.CompareTo(right) <= 0;
    public static bool operator >=(MigrationVersion? left, MigrationVersion? right) => right <= left;
}
