namespace MigrationHost.Running;

/// <summary>A run under way, asked at the moment somebody reads the status, so that times are those of the answer.</summary>
internal interface ILiveRun
{
    RunningMigration? Running { get; }

    WaitStatus? WaitingFor { get; }
}
