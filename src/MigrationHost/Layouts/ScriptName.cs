namespace MigrationHost.Layouts;

/// <summary>What the name of a file says: <c>&lt;version&gt;_&lt;description&gt;.sql</c>.</summary>
internal sealed class ScriptName
{
    public const string Wrong =
        "has no version and description in its name; name it <digits>_<description>.sql, for example 12_add_orders.sql; "
            + $"others: {OwnVersion.Repeatable}<description>.sql, {BeforeMigrate}.sql, {AfterMigrate}.sql";

    public const string BeforeMigrate = "beforeMigrate";
    public const string AfterMigrate = "afterMigrate";

    public ScriptName(string name)
    {
        Name = name;
        IsDown = UpDownFiles.IsDown(name);
        var stem = Path.GetFileNameWithoutExtension(name);
        if (stem is BeforeMigrate or AfterMigrate)
            (Version, Description, IsCallback) = (stem, "callback", true);
        if (OwnVersion.IsRepeatable(stem) && !IsDown
            && stem[OwnVersion.Repeatable.Length..].Replace('_', ' ').Trim() is { Length: > 0 } title)
            (Version, Description, Repeats) = (stem, title, true);
        var end = stem.IndexOf('_', StringComparison.Ordinal);
        var description = end < 0 ? "" : stem[end..].Replace('_', ' ').Trim();
        if (description.Length > 0 && NumberedVersion.Read(stem.AsSpan(0, end)) is { } version)
            (Version, Digits, Description) = (version, stem[..end], description);
    }

    public string Name { get; }

    /// <summary>Its version; null where the name has none.</summary>
    public string? Version { get; }

    /// <summary>Its version as the name has it.</summary>
    public string? Digits { get; }

    public string Description { get; } = "";

    /// <summary>Whether it is applied anew whenever it has changed.</summary>
    public bool Repeats { get; }

    /// <summary>Whether it runs before or after all others, and is none itself.</summary>
    public bool IsCallback { get; }

    /// <summary>Whether it undoes a migration.</summary>
    public bool IsDown { get; }
}
