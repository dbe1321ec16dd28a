using MigrationHost.Engines.Alembic;

namespace MigrationHost.Tests.Alembic;

public sealed class AlembicUrlTests
{
    [Theory]
    [InlineData("postgresql+psycopg2://app:secret@db:5432/shop", "postgresql://db:5432/shop")]
    [InlineData("postgresql://app:s3c/ret@db:5432/shop", "postgresql://db:5432/shop")]
    [InlineData("postgresql://app:s3c?ret@db/shop?sslmode=require", "postgresql://db/shop")]
    [InlineData("postgresql://app:s3c:/?ret@[::1]:5432/shop", "postgresql://::1:5432/shop")]
    [InlineData("postgresql://app:s3c@ret@db/shop", "postgresql://db/shop")]
    [InlineData("postgresql://app@db/shop", "postgresql://db/shop")]
    [InlineData("postgresql://db:5432/shop?application_name=shop", "postgresql://db:5432/shop")]
    [InlineData("postgresql:///shop?host=/run/postgresql", "postgresql:///shop")]
    [InlineData("sqlite:///data/me@home:1.db", "sqlite:///data/me@home:1.db")]
    public void An_address_is_read_as_sqlalchemy_reads_it_and_shown_without_its_password(string text, string shown) =>
        Assert.Equal(shown, AlembicUrl.Parse(text)?.ToString());

    [Fact]
    public void Options_begin_behind_the_password() =>
        Assert.Equal("require", AlembicUrl.Parse("postgresql://app:s3c?ret@db/shop?sslmode=require")?.Options["sslmode"]);
}
