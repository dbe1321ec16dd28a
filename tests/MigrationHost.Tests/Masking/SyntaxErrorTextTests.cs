using MigrationHost.Databases;

namespace MigrationHost.Tests.Masking;

/// <summary>A syntax error quotes the statement, which can have a password in it.</summary>
public sealed class SyntaxErrorTextTests
{
    [Theory]
    [InlineData("to use near 'IDENTIFID BY 'Zq7xKw9v'' at line 1", '\'', "to use near 'IDENTIFID…' at line 1")]
    [InlineData("to use near ''Zq7xKw9v'' at line 1", '\'', "to use near '…' at line 1")]
    [InlineData("to use near ') ENGINE=InnoDB' at line 3", '\'', "to use near ')…' at line 3")]
    [InlineData("to use near '`users` SET x' at line 3", '\'', "to use near '`users`…' at line 3")]
    [InlineData("to use near '' at line 1", '\'', "to use near '' at line 1")]
    [InlineData("syntax error at or near \"'Zq7xKw9v'\"", '"', "syntax error at or near \"…\"")]
    [InlineData("syntax error at or near \"E'Zq7xKw9v'\"", '"', "syntax error at or near \"…\"")]
    [InlineData("unterminated dollar-quoted string at or near \"$a$Zq7xKw9v\"", '"', "unterminated dollar-quoted string at or near \"…\"")]
    [InlineData("syntax error at or near \"FORM\"", '"', "syntax error at or near \"FORM\"")]
    [InlineData("syntax error at end of input", '"', "syntax error at end of input")]
    [InlineData("near \"'Zq7xKw9v'\": syntax error", '"', "near \"…\": syntax error")]
    [InlineData("near \".\": syntax error", '"', "near \".\": syntax error")]
    [InlineData("unrecognized token: \"'Zq7xKw9v);\nSELECT 1;\"", '"', "unrecognized token: \"…\"")]
    public void Of_what_it_quotes_one_word_or_sign_is_left(string message, char quote, string shown) =>
        Assert.Equal(shown, SyntaxErrorText.WithoutStrings(message, quote));
}
