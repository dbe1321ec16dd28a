using System.Reflection;
using MigrationHost.Databases;
using MigrationHost.Platform;
using MigrationHost.Scripts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EntityFramework;

/// <summary>The migrations of a context, in EF Core's order.</summary>
internal sealed class ContextMigrations(ContextSource source, PendingModelChanges pendingChanges) : IMigrationSource
{
    private IReadOnlyList<string>? _ids;

    public string Place => source.Type.Name;

    public bool ReadsFiles => false;

    /// <remarks>EF Core sorts ids as .NET sorts text.</remarks>
    public IComparer<string> Order => Comparer<string>.Default;

    public string? ReadId(string text, out string problem)
    {
        problem = $"is not the id of a migration of {Place}, such as 20260101120000_AddOrders";
        if (_ids is null)
            TryRead();
        return text.Length == 0 ? null
            : _ids?.FirstOrDefault(id => id.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? _ids?.FirstOrDefault(id => MigrationName.Of(id).Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? text;
    }

    public IReadOnlyList<NewFile> Next(string title, DateTimeOffset now) => throw new MigrationException(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"EF Core makes the migrations of {Place}, of the changes in its model",
        Hint = $"dotnet ef migrations add NAME --context {Place}",
    });

    public MigrationSet Read(FilesInHand files) => Read();

    // Before the context can be made, an id is what was written.
    private void TryRead()
    {
        try
        {
            Read();
        }
        catch (ConnectionLostException)
        {
            _ids = null;
        }
    }

    // The edge: EF Core's and the application's code runs here, which may throw anything.
    private MigrationSet Read()
    {
        var empty = new MigrationSet(Place, Order) { Noun = "migration", Empty = Empty, RunsLate = true, MayLack = true };
        try
        {
            return source.With(context => Read(context, empty));
        }
        catch (Exception e) when (e is not (MigrationException or ConnectionLostException))
        {
            var why = Twice() ?? $"its migrations cannot be read: {e.Message}";
            return empty with { Problems = [new ScriptProblem(Place, null, why)] };
        }
    }

    private MigrationSet Read(DbContext context, MigrationSet set)
    {
        IReadOnlyList<string> ids = [.. context.GetService<IMigrationsAssembly>().Migrations.Keys.Order(Order)];
        _ids = ids;
        var changed = pendingChanges != PendingModelChanges.Ignore && ids.Count > 0 && context.Database.HasPendingModelChanges();
        return set with
        {
            Migrations = [.. ids.Select(Migration)],
            Problems = changed && pendingChanges == PendingModelChanges.Fail
                ? [new ScriptProblem(Place, null, $"{Changed}. {HowToAdd}, or set PendingModelChanges: Warn") { Remedies = [] }]
                : [],
            Warnings = changed ? [new PlanWarning($"{Place}: {Changed}", $"{HowToAdd}.") { IsProblem = true }] : [],
        };
    }

    // EF Core says of two migrations with one id only that a key is there already.
    private string? Twice()
    {
        try
        {
            var ofOneId =
                from type in source.With(context => context.GetService<IMigrationsAssembly>().Assembly).GetTypes()
                where type.GetCustomAttribute<DbContextAttribute>()?.ContextType == source.Type
                let id = type.GetCustomAttribute<MigrationAttribute>()?.Id
                where id is not null
                group type.Name by id into types
                where types.Count() > 1
                select $"two of its migrations have the id {types.Key}: {string.Join(", ", types.Order())}";
            return ofOneId.FirstOrDefault();
        }
        catch (Exception e) when (e is not ConnectionLostException)
        {
            // Then that is not the reason.
            return null;
        }
    }

    private Scripts.Migration Migration(string id)
    {
        var text = new MigrationSql(source, id);
        return new Scripts.Migration
        {
            Version = id,
            Description = MigrationName.Of(id),
            Checksum = null,
            Header = ScriptHeader.None,
            File = id,
            Text = text.Read,
            Generated = text,
            Down = () => Down(id),
        };
    }

    private Scripts.Migration? Down(string id)
    {
        var text = new MigrationSql(source, id, undoes: true);
        return !text.IsThere ? null : new Scripts.Migration
        {
            Version = id,
            Description = MigrationName.Of(id),
            Checksum = null,
            Header = ScriptHeader.None,
            File = id,
            Text = text.Read,
            Generated = text,
        };
    }

    private const string Changed = "its model has changes that no migration has";

    private string HowToAdd => $"Add a migration for them: dotnet ef migrations add NAME --context {Place}";

    private ScriptProblem Empty => new(Place, null,
        "its assembly has no migrations. Add the first one (dotnet ef migrations add Initial), name the right assembly "
            + "(MigrationsAssembly), or set AllowEmpty: true if there are to be none") { Remedies = [] };
}
