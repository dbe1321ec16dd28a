using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

public sealed class AlembicEnvFileTests : IDisposable
{
    private readonly AlembicFolder _folder = new();

    [Fact]
    public async Task Migrations_that_are_committed_by_hand_afterwards_are_not_without_a_transaction()
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
        Assert.Equal([8], await WithoutTransactionAsync(Text));
        Assert.Empty(await WithoutTransactionAsync($"{Text}\n    for rec in engines.values():\n        rec['transaction'].commit()\n"));
    }

    [Fact]
    public async Task An_asynchronous_connection_may_be_committed_by_its_owner()
    {
        const string Text = """
            def migrate(connection):
                context.run_migrations()

            async def online():
                async with connectable.connect() as connection:
                    await connection.run_sync(migrate)
            """;
        Assert.Single(await WithoutTransactionAsync(Text));
        Assert.Empty(await WithoutTransactionAsync($"{Text}\n        await connection.commit()\n"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<IReadOnlyList<int>> WithoutTransactionAsync(string text)
    {
        _folder.Write("migrations/env.py", text);
        return (await _folder.AskAsync()).Env.WithoutTransaction;
    }
}
