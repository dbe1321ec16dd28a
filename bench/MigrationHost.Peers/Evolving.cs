namespace MigrationHost.Peers;

/// <summary>Evolve with its defaults.</summary>
internal static class Evolving
{
    public static void Migrate(Work work)
    {
        using var connection = work.Connect();
        new EvolveDb.Evolve(connection, work.Say) { Locations = [Path.Combine(work.Folder, "scripts")] }.Migrate();
    }
}
