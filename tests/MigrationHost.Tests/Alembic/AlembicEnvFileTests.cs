using MigrationHost.Engines.Alembic;

namespace MigrationHost.Tests.Alembic;

public sealed class AlembicEnvFileTests
{
    [Fact]
    public void Migrations_that_are_committed_by_hand_afterwards_are_not_without_a_transaction()
    {
        // As in Alembic's template multidb.
        const string Text = """
            def another():
                connection.commit()

            def online():
                for rec in engines.values():
                    rec["transaction"] = rec["connection"].begin()
                for name, rec in engines.items():
                    context.run_migrations(engine_name=name)
            """;
        Assert.Equal([8], AlembicEnvFile.Read("env.py", Text).WithoutTransaction.Select(call => call.Line));
        Assert.Empty(AlembicEnvFile.Read("env.py", $"{Text}\n    for rec in engines.values():\n        rec['transaction'].commit()\n").WithoutTransaction);
    }

    [Fact]
    public void An_asynchronous_connection_may_be_committed_by_its_owner()
    {
        const string Text = """
            def migrate(connection):
                context.run_migrations()

            async def online():
                async with connectable.connect() as connection:
                    await connection.run_sync(migrate)
            """;
        Assert.Single(AlembicEnvFile.Read("env.py", Text).WithoutTransaction);
        Assert.Empty(AlembicEnvFile.Read("env.py", $"{Text}\n        await connection.commit()\n").WithoutTransaction);
    }
}
