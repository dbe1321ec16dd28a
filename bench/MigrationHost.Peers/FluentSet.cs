using FluentMigrator;
using FluentMigrator.Infrastructure;
using FluentMigrator.Runner;

namespace MigrationHost.Peers;

/// <summary>The set as FluentMigrator's migrations, without the search for a thousand classes.</summary>
internal sealed class FluentSet(Work work) : IMigrationInformationLoader
{
    public SortedList<long, IMigrationInfo> LoadMigrations()
    {
        var list = new SortedList<long, IMigrationInfo>();
        foreach (var sql in work.Set())
            list.Add(list.Count + 1, new MigrationInfo(list.Count + 1, TransactionBehavior.Default, new Step(sql)));
        return list;
    }

    private sealed class Step(string sql) : Migration
    {
        public override void Up() => Execute.Sql(sql);

        public override void Down()
        {
        }
    }
}
