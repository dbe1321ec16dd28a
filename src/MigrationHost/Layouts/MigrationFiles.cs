namespace MigrationHost.Layouts;

/// <summary>The files that migrations are read from, named relative to their folder: <c>1_create_users.sql</c>,
/// <c>2_orders/up.sql</c>.</summary>
/// <param name="configured">The setting, for messages.</param>
internal abstract class MigrationFiles(string configured)
{
    /// <summary>The setting, for messages.</summary>
    public string Configured => configured;

    /// <summary>The folder they are in; null if they are in none.</summary>
    public abstract string? Folder { get; }

    /// <summary>Where they are looked for, in full, for messages.</summary>
    public abstract string Place { get; }

    /// <summary>The files at the top, by name; also a folder that has the name of a numbered script.</summary>
    /// <exception cref="IOException">They cannot be read. This and <see cref="UnauthorizedAccessException"/> hold for all that
    /// follow.</exception>
    public abstract IReadOnlyList<string> Files { get; }

    /// <summary>The folders at the top, by name.</summary>
    public abstract IReadOnlyList<string> Folders { get; }

    /// <summary><see cref="Files"/> and <see cref="Folders"/>, looked for once.</summary>
    public virtual (IReadOnlyList<string> Files, IReadOnlyList<string> Folders) Top => (Files, Folders);

    /// <summary>All files, those of the folders too, as <c>folder/file</c>; not of hidden folders.</summary>
    public abstract IReadOnlyList<string> AllFiles { get; }

    /// <summary>The files of a folder at the top and of those that lie a few levels below it, relative to it. Hidden folders, and those
    /// that may not be read, are passed over.</summary>
    public abstract IReadOnlyList<string> FilesBelow(string folder);

    public abstract bool Has(string name);

    public abstract bool IsEmptyFolder(string name);

    /// <summary>Why there is nothing to read although there is such a name; null if there may be.</summary>
    public virtual string? WhyNoFile(string name) => null;

    public abstract byte[] Read(string name);

    /// <summary>The same, unless there is a reason of <see cref="WhyNoFile"/>; with a NUL behind it in memory where that costs nothing,
    /// see <see cref="Scripts.ScriptText.WithNul"/>.</summary>
    public virtual ReadOnlyMemory<byte> ReadLarge(string name) => Read(name);

    /// <summary>Its text; a byte-order mark does not count.</summary>
    public string ReadText(string name) => new StreamReader(new MemoryStream(Read(name))).ReadToEnd();

    /// <summary>A file for messages.</summary>
    public virtual string Show(string name) => Path.Combine(configured, name);
}
