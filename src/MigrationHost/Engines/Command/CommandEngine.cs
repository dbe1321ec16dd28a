using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines.Command;

/// <summary>Any external tool, with an optional second command that proves the result.</summary>
/// <remarks>
/// The tool is started whatever Verify says before: many a check (<c>sqitch verify</c> for one) looks only at what was already deployed,
/// and the next release's migrations would silently never run. Only the tool knows that it has nothing to do.
/// </remarks>
internal sealed class CommandEngine(
    IMigrationDatabase database,
    ToolCommand command,
    ToolCommand? verify,
    TimeProvider time,
    ILogger logger) : IMigrationEngine
{
    private readonly DatabaseAccess _access = new(database);

    public async Task MigrateAsync(Watch watch, string? target)
    {
        RefuseTarget(target);
        watch.State.See(Pending("external tool"));
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Turn).ConfigureAwait(false);
        watch.State.Enter(MigrationPhase.WaitingForTurn);
        await using var turn = await _access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        watch.State.Enter(MigrationPhase.Migrating);
        var exit = await new ToolRun(watch, database, command, time, logger) { Turn = turn }.RunAsync().ConfigureAwait(false);
        if (!exit.Succeeded)
            throw new MigrationException(ToolErrors.Failed(command, exit, watch.State.Read()));
        await ProveAsync(watch, turn).ConfigureAwait(false);
        watch.State.See(SchemaView.Nothing);
    }

    public async Task<bool> InspectAsync(Watch watch, string? target)
    {
        RefuseTarget(target);
        if (verify is null)
        {
            watch.State.See(Pending("runs at every start: without a Verify command it is unknown whether it has anything to do"));
            return true;
        }
        var exit = await VerifyAsync(watch, null).ConfigureAwait(false);
        if (exit.Failure is not null)
            throw new MigrationException(ToolErrors.Failed(verify, exit, watch.State.Read()));
        watch.State.See(exit.Succeeded ? SchemaView.Nothing : Pending($"not at its target: {verify.Name} {exit.Describe()}"));
        return !exit.Succeeded;
    }

    public Task ResolveAsync(Watch watch, string version, bool applied) => throw new MigrationException(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"there is nothing to resolve: {command.Name} keeps the history of this database, not MigrationHost",
        Hint = $"Use {command.Name} itself to settle a migration that broke.",
    });

    public Task BaselineAsync(Watch watch, string version, bool dryRun) => throw new MigrationException(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"baseline is for Engine Sql: {command.Name} keeps the history of this database, not MigrationHost",
        Hint = $"Use {command.Name} itself to record what is applied already.",
    });

    public IEnumerable<DoctorCheck> Check()
    {
        yield return DoctorCheck.Ok("tool", $"{command.Name} is {command.Executable}");
        yield return verify is not null
            ? DoctorCheck.Ok("verify", $"{verify.Name} is {verify.Executable}")
            : DoctorCheck.Warning(
                "verify",
                $"nothing verifies {command.Name}: its exit code 0 is believed",
                "Set Command:Verify to a command that exits with 0 only while nothing is pending.");
    }

    private async Task ProveAsync(Watch watch, ITurn turn)
    {
        if (verify is null)
            return;
        watch.State.Enter(MigrationPhase.Verifying);
        var exit = await VerifyAsync(watch, turn).ConfigureAwait(false);
        if (exit.Succeeded)
            return;
        throw new MigrationException(ToolErrors.NotProven(
            $"{command.Name} reported success, but the Verify command ({verify.Name}) {exit.Describe()}",
            exit,
            watch.State.Read(),
            $"Find out what {command.Name} did not do: did it work on another database than {database.Target}, "
                + "or never commit? Or Verify checks something that it does not do."));
    }

    private Task<ToolExit> VerifyAsync(Watch watch, ITurn? turn) =>
        new ToolRun(watch, database, verify!, time, logger) { Turn = turn, Description = "verifies" }.RunAsync();

    private SchemaView Pending(string description) =>
        SchemaView.Nothing with { Pending = new[] { new PendingMigration(command.Name, description) } };

    private void RefuseTarget(string? target)
    {
        if (target is not null)
        {
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.InvalidConfiguration,
                Message = $"--target: {command.Name} decides itself how far it goes",
                Hint = "Leave out --target; if the tool has an argument for it, add that to Command:Arguments.",
            });
        }
    }
}
