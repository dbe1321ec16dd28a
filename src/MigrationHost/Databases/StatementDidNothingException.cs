namespace MigrationHost.Databases;

/// <summary>A statement outside any transaction failed, and it is known that none of it is done.</summary>
internal sealed class StatementDidNothingException(MigrationException failure) : Exception(failure.Message, failure)
{
    public MigrationException Failure => failure;
}
