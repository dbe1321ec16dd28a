using MigrationHost.Api;
using MigrationHost.Tools;

// Before anything else is loaded: a supervisor is small and starts at once.
return args is [Supervisor.Command, .. var supervised] ? Supervisor.Run(supervised) : await CommandLine.RunAsync(args);
