using MigrationHost.Engines.Alembic;

namespace MigrationHost.Tests.Alembic;

public sealed class PythonTextTests
{
    [Fact]
    public void Comments_and_strings_are_not_taken_for_code()
    {
        var lines = PythonText.Read("""
            '''revision = "docstring"'''
            # revision = "comment"
            text = "revision = 'inside' # no comment"
            revision = "real"  # down_revision = "comment"
            """);

        Assert.Equal(3, lines.Count);
        Assert.Equal(["real"], lines.Select(line => PythonValue.AssignedTo(line, "revision")).Where(value => value is not null).SelectMany(value => PythonValue.Strings(value!.Value)!));
    }

    [Theory]
    [InlineData("x = None", "")]
    [InlineData("x = 'a'", "a")]
    [InlineData("x: str = 'a'", "a")]
    [InlineData("x: Union[str, Sequence[str], None] = ('a', 'b')", "a,b")]
    [InlineData("x = ('a',)", "a")]
    [InlineData("x = (\n    'a',  # one\n    \"b\",\n)", "a,b")]
    [InlineData("x = 'a' 'b'", "ab")]
    [InlineData("x = \\\n  'a'", "a")]
    [InlineData("x = r'a\\b'", "a\\b")]
    [InlineData("x = 'a\\'b'", "a'b")]
    [InlineData("x = [\"a\", '''b''']", "a,b")]
    [InlineData("x = f'a{b}'", null)]
    [InlineData("x = make()", null)]
    [InlineData("x = OTHER", null)]
    public void Literal_values_are_read_and_others_are_not_guessed(string text, string? values)
    {
        var line = Assert.Single(PythonText.Read(text));
        var read = PythonValue.Strings(PythonValue.AssignedTo(line, "x")!.Value);
        Assert.Equal(values, read is null ? null : string.Join(',', read));
    }

    [Fact]
    public void A_line_knows_where_it_is_in_the_file_and_how_deep()
    {
        var lines = PythonText.Read("a = '''\n\n'''\r\nif a:\n\tb = (1,\n\n  2); c = 3\nd = 4\n");

        Assert.Equal([(1, 0), (4, 0), (5, 8), (7, 8), (8, 0)], lines.Select(line => (line.Line, line.Indent)));
    }

    [Theory]
    [InlineData("x == 1")]
    [InlineData("x.y = 1")]
    [InlineData("x += 1")]
    [InlineData("y = x")]
    public void What_does_not_assign_to_the_name_is_no_assignment(string text) =>
        Assert.Null(PythonValue.AssignedTo(Assert.Single(PythonText.Read(text)), "x"));

    [Theory]
    [InlineData("'never ends")]
    [InlineData("'''never ends\n\n")]
    [InlineData("(((")]
    [InlineData(")))")]
    [InlineData("x = \\")]
    public void What_is_no_python_does_not_break_the_reading(string text) => Assert.NotEmpty(PythonText.Read(text));
}
