namespace MigrationHost.Databases;

/// <summary>A turn that those who wait for it cannot see by themselves.</summary>
internal interface IShowsTurn
{
    /// <summary>Shows them what is being done while an external tool works. Called a few times a second.</summary>
    void Show();
}
