namespace MigrationHost.Databases.PostgreSql;

/// <summary>The lines behind a COPY … FROM STDIN, which psql would send as data.</summary>
/// <param name="Lines">How many, without the one that ends them.</param>
/// <param name="HasNull">Whether a value among them is <c>\N</c>.</param>
/// <param name="Ended">Whether a line <c>\.</c> ends them; the end of the script does otherwise.</param>
internal sealed record CopyData(int Lines, bool HasNull, bool Ended);
