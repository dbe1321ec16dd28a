using System.Globalization;

namespace MigrationHost.Bench.Peers;

/// <summary>A set of migrations as a project of Alembic, with the env.py of its own template.</summary>
internal static class AlembicProject
{
    private const string Environment = """
        from logging.config import fileConfig
        from alembic import context
        from sqlalchemy import engine_from_config, pool
        config = context.config
        fileConfig(config.config_file_name)
        connectable = engine_from_config(config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool)
        with connectable.connect() as connection:
            context.configure(connection=connection, target_metadata=None)
            with context.begin_transaction():
                context.run_migrations()

        """;

    public static void Write(Place place, IReadOnlyList<string> set)
    {
        place.Write("alembic.ini", $$"""
            [alembic]
            script_location = revisions
            sqlalchemy.url = {{place.Address("sqlite:///", "postgresql+psycopg2")}}
            [loggers]
            keys = root
            [handlers]
            keys = console
            [formatters]
            keys = generic
            [logger_root]
            level = INFO
            handlers = console
            [handler_console]
            class = StreamHandler
            args = (sys.stderr,)
            formatter = generic
            [formatter_generic]
            format = %(levelname)-5.5s [%(name)s] %(message)s

            """);
        place.Write("revisions/env.py", Environment);
        for (var i = 0; i < set.Count; i++)
        {
            var before = i == 0 ? "None" : $"'{Name(i)}'";
            place.Write($"revisions/versions/{Name(i + 1)}_step.py", $"""
                from alembic import op
                revision = '{Name(i + 1)}'
                down_revision = {before}
                def upgrade():
                {string.Concat(set[i].Split(";\n", StringSplitOptions.RemoveEmptyEntries).Select(sql => $"    op.execute(\"{sql}\")\n"))}
                """);
        }
    }

    private static string Name(int number) => number.ToString("x12", CultureInfo.InvariantCulture);
}
