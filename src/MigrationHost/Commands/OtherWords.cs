namespace MigrationHost.Commands;

/// <summary>The commands and options of other migration tools, each with what to use here.</summary>
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

    private const string Listen = "'{0} serve --urls http://*:8080' says where it listens";

    private const string Database = "a setting names the database: the variable MigrationHost__Databases__app__ConnectionString, "
        + "or --MigrationHost:Databases:app:ConnectionString=…";

    private const string Folder = "a setting names the folder, which is 'migrations' otherwise: the variable "
        + "MigrationHost__Databases__app__Migrations, or --MigrationHost:Databases:app:Migrations=…";

    private const string Settings = "settings are read from appsettings.json in the current folder, or in that of --contentRoot, "
        + "and from variables";

    private static readonly Dictionary<string, string> Options = new(StringComparer.OrdinalIgnoreCase)
    {
        ["port"] = Listen,
        ["listen"] = Listen,
        ["bind"] = Listen,
        ["address"] = Listen,
        ["url"] = $"{Database}; {Listen}",
        ["database-url"] = Database,
        ["db-url"] = Database,
        ["connection"] = Database,
        ["connection-string"] = Database,
        ["connectionString"] = Database,
        ["dsn"] = Database,
        ["db"] = Database,
        ["path"] = Folder,
        ["dir"] = Folder,
        ["source"] = Folder,
        ["migrations"] = Folder,
        ["migrations-dir"] = Folder,
        ["locations"] = Folder,
        ["config"] = Settings,
        ["configFiles"] = Settings,
        ["env-file"] = Settings,
    };

    private static readonly Dictionary<string, string> Commands = new(StringComparer.OrdinalIgnoreCase)
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

    /// <summary>What to use here in place of another tool's command or option; null if it is not known as one.</summary>
    /// <param name="word">What was typed; of what is behind a <c>=</c> nothing is shown.</param>
    /// <param name="program">What the program is called.</param>
    public static string? Answer(string word, string program)
    {
        var isOption = word.StartsWith('-');
        var typed = isOption ? word.Split('=')[0] : word;
        return (isOption ? Options : Commands).TryGetValue(typed.TrimStart('-'), out var answer)
            ? $"'{typed}' is {(isOption ? "an option" : "a command")} of other tools. "
                + $"Here, {answer.Replace("{0}", program, StringComparison.Ordinal)}."
            : null;
    }
}
