using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>What an application has put in place of EF Core's own migrator: it calls that, and counts.</summary>
internal sealed class CountingMigrator(ICurrentDbContext current) : IMigrator
{
    private static int _called;

    private readonly IMigrator _stock = (IMigrator)ActivatorUtilities.CreateInstance(
        ((IInfrastructure<IServiceProvider>)current.Context).Instance,
        typeof(IMigrator).Assembly.GetType("Microsoft.EntityFrameworkCore.Migrations.Internal.Migrator", throwOnError: true)!);

    public static int Called => _called;

    public void Migrate(string? targetMigration = null) => _stock.Migrate(targetMigration);

    public Task MigrateAsync(string? targetMigration = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _called);
        return _stock.MigrateAsync(targetMigration, cancellationToken);
    }

    public bool HasPendingModelChanges() => _stock.HasPendingModelChanges();

    public string GenerateScript(
        string? fromMigration = null,
        string? toMigration = null,
        MigrationsSqlGenerationOptions options = MigrationsSqlGenerationOptions.Default) =>
        _stock.GenerateScript(fromMigration, toMigration, options);
}
