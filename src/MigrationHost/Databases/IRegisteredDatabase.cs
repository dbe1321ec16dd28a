namespace MigrationHost.Databases;

/// <summary>A database that the application registers in code, with a package on top of this library, which makes it itself.</summary>
internal interface IRegisteredDatabase
{
    /// <summary>The name of its entry among the settings: <see cref="DatabaseOptions.RegisteredAs"/>.</summary>
    string Name { get; }

    /// <summary>Makes the database of settings that were checked.</summary>
    IMigrationDatabase Create(DatabaseSetup setup);
}
