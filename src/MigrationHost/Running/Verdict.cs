namespace MigrationHost.Running;

/// <summary>Why the watchdog ends a run: a budget is used up. It says what is, never what will follow from it.</summary>
/// <param name="Activity">What the run was doing.</param>
/// <param name="Finding">Who was in the way, as far as is known.</param>
/// <param name="Running">The migration under way.</param>
internal sealed record Verdict(Activity Activity, Finding? Finding, RunningMigration? Running);
