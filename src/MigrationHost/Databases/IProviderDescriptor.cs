namespace MigrationHost.Databases;

/// <summary>
/// One kind of database: what its settings mean, and how it is made of them. To add one,
/// implement this in a folder of its own and register it.
/// </summary>
internal interface IProviderDescriptor : IDescriptor<DatabaseProvider>
{
    /// <summary>The schemes of its addresses, in lower case.</summary>
    IReadOnlyList<string> Schemes { get; }

    /// <summary>A connection string to begin with, for messages.</summary>
    string Example { get; }

    /// <summary>Whether a text that is not an address has a form that only this kind of database has.</summary>
    bool HasForm(string connectionString) => false;

    /// <summary>What is wrong with a connection string. Nothing is quoted that was not understood: it may be a secret.</summary>
    IReadOnlyList<string> Problems(string connectionString, string contentRoot);

    /// <summary>Which database a connection string means that was checked.</summary>
    DatabasePlace Place(string connectionString, string contentRoot);

    /// <summary>Loads what the first connection will need, while others read settings and files. If it fails, that connection says why.
    /// </summary>
    void LoadDriver()
    {
    }

    /// <summary>Makes the database of settings that were checked.</summary>
    IMigrationDatabase Create(DatabaseSetup setup);
}
