using MigrationHost.Masking;

namespace MigrationHost.Tests.Tools;

public sealed class SecretsTests
{
    [Theory]
    [InlineData("to postgresql://app:secret@db:5432/shop now", "to postgresql://app:***@db:5432/shop now")]
    [InlineData("to postgresql://app:s3c/ret@db:5432/shop now", "to postgresql://app:***@db:5432/shop now")]
    [InlineData("to postgresql://app:s3c?r@e/t@db/shop for me@home", "to postgresql://app:***@db/shop for me@home")]
    [InlineData("GET http://localhost:8080/health", "GET http://localhost:8080/health")]
    [InlineData("Password = 'a b' pwd=c", "Password = *** pwd=***")]
    public void A_password_is_hidden_up_to_the_last_at_sign_of_its_word(string line, string hidden) => Assert.Equal(hidden, Secrets.None.InLine(line));
}
