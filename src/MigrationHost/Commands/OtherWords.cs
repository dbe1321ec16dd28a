namespace MigrationHost.Commands;

/// <summary>The commands of other migration tools, each with the command to use here.</summary>
internal static class OtherWords
{
    private const string Status = "'{0} status' shows what is applied and pending";
    private const string Migrate = "'{0} migrate' applies what is pending";
    private const string Down = "'{0} down' undoes the last migration, '{0} down --to VERSION' all above one";
    private const string Baseline = "'{0} baseline VERSION' records everything up to VERSION as applied";
    private const string New = "'{0} new DESCRIPTION' makes the next file";
    private const string Validate = "'{0} validate' compares the files with the history";
    private const string Plan = "'{0} migrate --dry-run' shows what would be applied";
    private const string Script = "'{0} script' writes the SQL that would run";
    private const string Resolve = "'{0} resolve VERSION' settles a broken migration (--applied, --retry) or a changed file (--changed)";

    private const string Unlock = "'{0} locks' shows who holds a lock; MigrationHost's own ends with its process";

    private const string Drop =
        "no command of MigrationHost deletes a database: drop it with the database's own means, then '{0} migrate'";

    private static readonly Dictionary<string, string> All = new(StringComparer.OrdinalIgnoreCase)
    {
        ["info"] = Status,
        ["show"] = Status,
        ["list"] = Status,
        ["history"] = Status,
        ["pending"] = Status,
        ["showmigrations"] = Status,
        ["current"] = "'{0} status --short' shows the version",
        ["version"] = "'{0} status --short' shows the schema's version, '{0} --version' the program's",
        ["up"] = Migrate,
        ["up-to"] = "'{0} migrate --target VERSION' applies what is pending up to VERSION",
        ["goto"] = "'{0} migrate --target VERSION' applies what is pending up to VERSION, '{0} down --to VERSION' undoes what is above",
        ["upgrade"] = Migrate,
        ["update"] = Migrate,
        ["apply"] = Migrate,
        ["deploy"] = Migrate,
        ["run"] = Migrate,
        ["latest"] = Migrate,
        ["push"] = Migrate,
        ["migrations"] = Migrate,
        ["db"] = Migrate,
        ["db:migrate"] = Migrate,
        ["migrate:latest"] = Migrate,
        ["migration"] = Migrate,
        ["down-to"] = Down,
        ["downgrade"] = Down,
        ["undo"] = Down,
        ["revert"] = Down,
        ["rollback"] = Down,
        ["reset"] = Drop,
        ["clean"] = Drop,
        ["drop"] = Drop,
        ["fresh"] = Drop,
        ["wipe"] = Drop,
        ["redo"] = "'{0} down' undoes the last migration, '{0} migrate' applies it again",
        ["stamp"] = Baseline,
        ["mark"] = Baseline,
        ["create"] = New,
        ["add"] = New,
        ["make"] = New,
        ["generate"] = New,
        ["revision"] = New,
        ["makemigrations"] = New,
        ["init"] = "no set-up is needed: '{0} new DESCRIPTION' makes the first file, '{0} migrate' the history",
        ["check"] = Validate,
        ["verify"] = Validate,
        ["lint"] = Validate,
        ["repair"] = Resolve,
        ["force"] = Resolve,
        ["fix"] = Resolve,
        ["sql"] = Script,
        ["sqlmigrate"] = Script,
        ["updateSQL"] = Script,
        ["update-sql"] = Script,
        ["plan"] = Plan,
        ["dryrun"] = Plan,
        ["unlock"] = Unlock,
        ["release-locks"] = Unlock,
        ["wait"] = "'{0} healthcheck' asks a running host; '{0} migrate' waits for the database by itself",
        ["start"] = "'{0} serve' starts the web host",
        ["help"] = "'{0} --help' lists the commands, '{0} COMMAND --help' the options of one",
    };

    /// <summary>What to use here in place of another tool's command; null if it is not known as one.</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="program">What the program is called.</param>
    public static string? Answer(string word, string program) =>
        All.TryGetValue(word, out var answer) ? answer.Replace("{0}", program, StringComparison.Ordinal) : null;
}
