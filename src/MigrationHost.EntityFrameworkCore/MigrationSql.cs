using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using EfMigration = Microsoft.EntityFrameworkCore.Migrations.Migration;

namespace MigrationHost.EntityFramework;

/// <summary>The SQL that EF Core makes of a migration, command by command.</summary>
/// <param name="source">Gives contexts.</param>
/// <param name="id">The migration.</param>
/// <param name="undoes">Whether it is the SQL that undoes it.</param>
internal sealed partial class MigrationSql(ContextSource source, string id, bool undoes = false) : IGeneratedText
{
    private readonly Lazy<Generated> _generated = new(
        () => source.With(context => Generate(context, id, undoes)), LazyThreadSafetyMode.PublicationOnly);

    public int Commands => _generated.Value.Lines.Count;

    public ScriptHeader Header => _generated.Value.Header;

    public ScriptText Read() => _generated.Value.Text;

    public (int Command, int Line) Place(int line)
    {
        var lines = _generated.Value.Lines;
        var command = Math.Max(0, lines.Count(first => first <= line) - 1);
        return (command + 1, lines.Count == 0 ? line : line - lines[command] + 1);
    }

    /// <summary>Whether the migration says what undoes it: one that has no <c>Down</c> of its own does not, and neither does one that does
    /// something and has nothing to undo it.</summary>
    public bool IsThere => source.With(context =>
    {
        var (migration, type) = Create(context, id);
        return type.GetMethod("Down", BindingFlags.Instance | BindingFlags.NonPublic)?.DeclaringType != typeof(EfMigration)
            && (migration.DownOperations.Count > 0 || migration.UpOperations.Count == 0);
    });

    private static Generated Generate(DbContext context, string id, bool undoes)
    {
        var text = new StringBuilder();
        var (lines, line) = (new List<int>(), 1);
        var commands = CommandsOf(context, id, undoes).Where(command => !IsAboutForeignKeys(command)).ToList();
        foreach (var command in commands)
        {
            lines.Add(line);
            var from = text.Length;

            // A comment at its end must not swallow the semicolon.
            text.Append(command.CommandText).Append("\n;\n");
            line += text.ToString(from, text.Length - from).Count(letter => letter == '\n');
        }
        var header = ScriptHeader.Of(withoutTransaction: commands.Exists(command => command.TransactionSuppressed));
        return new Generated(ScriptText.Of(text.ToString(), Syntax(context)), header, lines);
    }

    private static SqlSyntax Syntax(DbContext context) =>
        context.Database.GetDbConnection() is NpgsqlConnection ? SqlSyntax.PostgreSql : SqlSyntax.Sqlite;

    // Around a table rebuild on SQLite. Foreign keys are off while a migration of ours runs, and are checked before its commit.
    private static bool IsAboutForeignKeys(MigrationCommand command) =>
        command.TransactionSuppressed && ForeignKeysPragma().IsMatch(command.CommandText);

    // The model is the one that the database has afterwards.
    private static IEnumerable<MigrationCommand> CommandsOf(DbContext context, string id, bool undoes)
    {
        var ids = context.GetService<IMigrationsAssembly>().Migrations.Keys.Order(Comparer<string>.Default).ToList();
        var provider = context.Database.ProviderName!;
        var (migration, type) = Create(context, id);
        try
        {
            var operations = undoes ? migration.DownOperations : migration.UpOperations;
            if (MigrationOrigin.Foreign(operations, provider) is { } other)
                throw new MigrationException(MadeFor(id, other, provider));
            var after = !undoes ? migration : ids.IndexOf(id) is var at and > 0 ? Create(context, ids[at - 1]).Migration : null;
            var model = after is null ? null : context.GetService<IModelRuntimeInitializer>().Initialize(after.TargetModel);
            return context.GetService<IMigrationsSqlGenerator>().Generate(operations, model);
        }
        catch (Exception e) when (e is not MigrationException)
        {
            // The edge: the application's code runs here, which may throw anything.
            var error = MigrationFailure.Of(id, type, e, $"{id}: EF Core cannot write its SQL: {e.Message}");
            throw new MigrationException(
                error with { Hint = "Nothing was applied in this start. Correct the migration and start again." }, e);
        }
    }

    private static (EfMigration Migration, TypeInfo Type) Create(DbContext context, string id)
    {
        var assembly = context.GetService<IMigrationsAssembly>();
        return (assembly.CreateMigration(assembly.Migrations[id], context.Database.ProviderName!), assembly.Migrations[id]);
    }

    private static MigrationError MadeFor(string id, string other, string provider) => new()
    {
        Code = MigrationErrorCode.HistoryMismatch,
        Message = $"{id}: was made for the provider {other}, and the context uses {provider}",
        Version = id,
        File = id,
        Hint = "Nothing was applied in this start. Each provider needs migrations of its own: give the context the provider that they were "
            + "made for, or the assembly with those for this one (MigrationsAssembly).",
    };

    [GeneratedRegex(@"^\s*PRAGMA\s+foreign_keys\s*=\s*[01]\s*;?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex ForeignKeysPragma();

    private sealed record Generated(ScriptText Text, ScriptHeader Header, IReadOnlyList<int> Lines);
}
