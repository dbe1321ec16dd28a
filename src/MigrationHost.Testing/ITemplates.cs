namespace MigrationHost.Testing;

/// <summary>Where the templates and the copies of one kind of database are. To serve another kind, implement this and add a line to
/// <see cref="KnownTemplates"/>.</summary>
internal interface ITemplates
{
    /// <summary>What of the connection string a template depends on: two users make two templates.</summary>
    string Scope { get; }

    /// <summary>Makes a copy of a template, and the template first if there is none. Of several processes one makes it, the others
    /// wait.</summary>
    /// <exception cref="MigrationException">A migration fails, or the server does.</exception>
    Task<TestCopy> CopyAsync(Template template, CancellationToken cancellationToken);
}
