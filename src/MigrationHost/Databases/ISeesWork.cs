namespace MigrationHost.Databases;

/// <summary>A turn that sees whether other sessions change the schema.</summary>
internal interface ISeesWork
{
    /// <summary>Whether any session but ours holds a lock with which a schema is changed or an index is built.</summary>
    Task<bool> IsAnybodyAtWorkAsync(CancellationToken cancellationToken);
}
