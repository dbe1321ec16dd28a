namespace MigrationHost.Layouts;

/// <summary>What the name of a file says: <c>&lt;version&gt;_&lt;description&gt;.sql</c>.</summary>
internal sealed class ScriptName
{
    public const string Wrong =
        "has no version and description in its name; name it <digits>_<description>.sql, for example 12_add_orders.sql";

    public ScriptName(string name)
    {
        Name = name;
        IsDown = UpDownFiles.IsDown(name);
        var stem = Path.GetFileNameWithoutExtension(name);
        var end = stem.IndexOf('_', StringComparison.Ordinal);
        var description = end < 0 ? "" : stem[end..].Replace('_', ' ').Trim();
        if (description.Length > 0 && NumberedVersion.Read(stem.AsSpan(0, end)) is { } version)
            (Version, Description) = (version, description);
    }

    public string Name { get; }

    /// <summary>Its version; null where the name has none.</summary>
    public string? Version { get; }

    public string Description { get; } = "";

    /// <summary>Whether it undoes a migration.</summary>
    public bool IsDown { get; }
}
