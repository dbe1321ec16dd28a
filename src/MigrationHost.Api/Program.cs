using MigrationHost.Api;
using MigrationHost.Tools;

// A supervisor is small and starts at once: before anything else is loaded.
if (args is [Supervisor.Command, .. var supervised])
    return Supervisor.Run(supervised);
using var early = new EarlyStop();
return await early.RunAsync(() => CommandLine.RunAsync(args));
