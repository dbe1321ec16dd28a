namespace MigrationHost.Databases.Connections;

/// <summary>One host of an address; its port if the address says one.</summary>
internal readonly record struct AddressHost(string Name, int? Port);
