using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Recognises another tool's folder by the names in it.</summary>
internal static partial class FolderMarks
{
    private const string Ours = "<version>_<description>.sql";
    private const string Convert = $"Write each migration's up part as {Ours} into one folder";
    private const string ConvertFolders = $"{Convert}, and move the folders that they came from out of it";

    // The first that fits counts: Atlas keeps its sum beside the files of other tools' layouts, too.
    private static readonly FolderMark[] Marks =
    [
        new(
            Tool.FlywayOrRefinery,
            FlywayName(),
            $"Rename the V files to {Ours} (V1__x.sql to 1_x.sql) and move the others out of the folder")
        {
            NamesFiles = true,
        },
        new(Tool.UpDownPairs, UpDownName(), UpDownFiles.Convert) { NamesFiles = true },
        new(Tool.DbMigrate, DbMigrateName(), $"Rename the -up.sql files to {Ours} and move the -down.sql files out of the folder")
        {
            NamesFiles = true,
        },
        new(Tool.Postgrator, PostgratorName(), $"Rename the .do files to {Ours} and move the .undo files out of the folder")
        {
            NamesFiles = true,
        },
        new(Tool.GrateOrRoundhouse, EnvironmentFiles.Name(), EnvironmentFiles.Remedy) { NamesFiles = true },
        new(Tool.Sqitch, SqitchName(), Convert) { NamesFiles = true },
        new(Tool.Pop, PopName(), Convert) { NamesFiles = true },
        new(Tool.Prisma, PrismaName(), ConvertFolders),
        new(Tool.Diesel, DieselName(), ConvertFolders),
        new(Tool.Drizzle, DrizzleName(), "Remove the folder meta, once the files are to be MigrationHost's"),
        new(Tool.DrizzleOne, DrizzleOneName(), ConvertFolders),
        new(Tool.PrismaOrDrizzle, MigrationSqlName(), ConvertFolders),
        new(Tool.Atlas, AtlasName(), "Remove atlas.sum, once the files are to be MigrationHost's"),
        new(Tool.Liquibase, LiquibaseName(), Convert) { Says = "databaseChangeLog" },
        new(Tool.Alembic, AlembicName(), "Use Engine: Alembic"),
        new(Tool.Django, DjangoName(), Convert),
        new(Tool.EntityFramework, EntityFrameworkName(), "Register the context with AddEntityFramework (docs/entity-framework.md)"),
        new(Tool.Rails, RailsName(), Convert),
        new(Tool.NodeTools, ScriptName(), Convert),
        new(Tool.GooseInGo, GoName(), Convert),
        new(Tool.Ecto, EctoName(), Convert),
        new(Tool.PhpTools, PhpName(), Convert),
    ];

    /// <summary>What a folder is recognised by; null where it may be one of ours.</summary>
    /// <param name="folder">The folder as it is configured.</param>
    /// <param name="names">The names in it: of files, of its sub-folders' files as <c>sub-folder/file</c>, of a file beside it as
    /// <c>../file</c>.</param>
    /// <param name="read">Reads the text of one of them.</param>
    public static (ScriptFinding Finding, FolderMark Mark)? Find(
        string folder, IReadOnlyCollection<string> names, Func<string, string> read)
    {
        names = [.. names.Where(name => !IsPlain(name))];
        if (names.Count == 0)
            return null;
        foreach (var mark in Marks)
        {
            if (names.FirstOrDefault(name => mark.Name.IsMatch(name) && (mark.Says is not { } word || Says(word, name))) is not { } found)
                continue;
            var remedy = $"{mark.Remedy}, or {Tool.RunIt(mark.Tool)}";
            return (new ScriptFinding(mark.Tool, folder, null, $"is a folder of {mark.Tool} ({found})", remedy), mark);
        }
        return null;

        bool Says(string word, string name) => read(name).Contains(word, StringComparison.Ordinal);
    }

    // 0001_create_users.sql is in no other tool's form alone. Most folders have nothing else, and are known without a regular expression.
    private static bool IsPlain(string name)
    {
        var digits = name.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits > 0 && name[digits] == '_' && name.EndsWith(".sql", StringComparison.Ordinal)
            && !name.AsSpan(0, name.Length - ".sql".Length).ContainsAny('.', '-', '/');
    }

    [GeneratedRegex(@"^migration_lock\.toml$")]
    private static partial Regex PrismaName();

    [GeneratedRegex(@"^\d[^/]*/up\.sql$")]
    private static partial Regex DieselName();

    [GeneratedRegex(@"^meta/_journal\.json$")]
    private static partial Regex DrizzleName();

    [GeneratedRegex(@"^[0-9]{14}_[^/]+/snapshot\.json$")]
    private static partial Regex DrizzleOneName();

    [GeneratedRegex(@"^\d[^/]*/migration\.sql$")]
    private static partial Regex MigrationSqlName();

    [GeneratedRegex(@"^atlas\.sum$")]
    private static partial Regex AtlasName();

    [GeneratedRegex(@"^(\.\./)?sqitch\.(plan|conf)$")]
    private static partial Regex SqitchName();

    [GeneratedRegex(@"\.fizz$")]
    private static partial Regex PopName();

    [GeneratedRegex(@"^[VUB]\d[\d._]*__.*\.(sql|java|kt)$")]
    private static partial Regex FlywayName();

    [GeneratedRegex(@"^\d+-.*-(up|down)\.sql$")]
    private static partial Regex DbMigrateName();

    [GeneratedRegex(@"^\d+\.(do|undo)\.", RegexOptions.IgnoreCase)]
    private static partial Regex PostgratorName();

    [GeneratedRegex(@"^\d+_.*\.up\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex UpDownName();

    [GeneratedRegex(@"changelog.*\.(xml|ya?ml|json)$", RegexOptions.IgnoreCase)]
    private static partial Regex LiquibaseName();

    [GeneratedRegex(@"^(env\.py|script\.py\.mako|alembic\.ini)$")]
    private static partial Regex AlembicName();

    [GeneratedRegex(@"^\d{4}_.+\.py$")]
    private static partial Regex DjangoName();

    [GeneratedRegex(@"(ModelSnapshot|\.Designer)\.cs$")]
    private static partial Regex EntityFrameworkName();

    [GeneratedRegex(@"^\d{14}_.+\.rb$")]
    private static partial Regex RailsName();

    [GeneratedRegex(@"^\d{10,17}[-_].+\.[cm]?[jt]s$")]
    private static partial Regex ScriptName();

    [GeneratedRegex(@"^\d+_.+\.go$")]
    private static partial Regex GoName();

    [GeneratedRegex(@"^\d{14}_.+\.exs$")]
    private static partial Regex EctoName();

    [GeneratedRegex(@"^(\d{4}_\d\d_\d\d_\d{6}_.+|\d{14}_.+|Version\d{14})\.php$")]
    private static partial Regex PhpName();
}
