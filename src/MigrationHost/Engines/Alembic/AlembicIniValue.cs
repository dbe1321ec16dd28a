namespace MigrationHost.Engines.Alembic;

/// <summary>A setting in alembic.ini.</summary>
/// <param name="Text">Its value, not yet interpolated.</param>
/// <param name="Line">The line of its key, counted from 1.</param>
internal sealed record AlembicIniValue(string Text, int Line);
