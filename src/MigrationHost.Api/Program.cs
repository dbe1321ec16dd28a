using MigrationHost.Api;
using MigrationHost.Child;
using MigrationHost.Commands;
using MigrationHost.Hosting;
using MigrationHost.Running;
using MigrationHost.Output;
using MigrationHost.Tools;

// A supervisor is small and starts at once: before anything else is loaded.
if (args is [Supervisor.Command, .. var supervised])
    return Supervisor.Run(supervised);
if (args is [CommandLine.Version])
    return await CommandLine.TellVersionAsync();
if (OpenFileLimit.IsTooLow(serves: args is [] or ["serve", ..]))
    return MigrationHost.ExitCodes.InvalidConfiguration;
using var early = new EarlyStop();
if (args is [ChildProtocol.Command, .. var order])
{
    return await early.RunAsync(() => ChildProgram.RunAsync(order, (makeLoggers, configure) => RunServices.WithoutContainer(
        new ConfigurationManager(), new ContentRoot(Environment.CurrentDirectory), LeastLevel.OfAnyLog, makeLoggers, configure)));
}
var (arguments, settings) = SettingArguments.Split(args);
Answer.Form = () => LogForm.Of(settings);
return await early.RunAsync(() => CommandLine.RunAsync(arguments, new ProgramHost(settings)));
