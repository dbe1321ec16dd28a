using System.Diagnostics;
using System.Globalization;
using MigrationHost.Peers;

// MigrationHost.Peers TOOL FOLDER CONNECTIONSTRING: runs one tool's migrations, as its documentation shows.
// With --host they run as a hosted service, and only the milliseconds from the host's start to its end are printed.
if (args is not [var name, var folder, var connectionString, .. var rest])
    return Usage();
var work = new Work(folder, connectionString, Quiet: rest is ["--host"]);
Action? tool = name switch
{
    "ef-core" => () => EfCore.Migrate(work),
    "dbup" => () => DbUpgrade.Migrate(work),
    "fluentmigrator" => () => Fluent.Migrate(work),
    "evolve" => () => Evolving.Migrate(work),
    _ => null,
};
if (tool is null)
    return Usage();
if (!work.Quiet)
{
    tool();
    return 0;
}
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Services.AddHostedService(_ => new Migrating(tool));
using var host = builder.Build();
var clock = Stopwatch.StartNew();
await host.StartAsync();
Console.WriteLine(clock.Elapsed.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture));
await host.StopAsync();
return 0;

static int Usage()
{
    Console.Error.WriteLine("usage: MigrationHost.Peers ef-core|dbup|fluentmigrator|evolve FOLDER CONNECTIONSTRING [--host]");
    return 2;
}
