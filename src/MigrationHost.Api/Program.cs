using MigrationHost.Api;
using MigrationHost.Tools;

// Before anything else is loaded: a supervisor is small and starts at once.
if (args is [Supervisor.Command, .. var supervised])
    return Supervisor.Run(supervised);
using var early = new EarlyStop();
return await early.RunAsync(() => CommandLine.RunAsync(args));
