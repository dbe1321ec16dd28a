using System.Text;
using MigrationHost.Masking;
using MigrationHost.Tools;

namespace MigrationHost.Tests.Tools;

/// <summary>Lines out of bytes, however these are cut.</summary>
public sealed class LineSplitterTests
{
    [Theory]
    [InlineData("one\ntwo\n", "one|two")]
    [InlineData("one\r\ntwo", "one|two")]
    [InlineData("10 %\r20 %\rdone\n", "10 %|20 %|done")]
    [InlineData("\n\nx", "||x")]
    [InlineData("\r\n\r\n", "|")]
    [InlineData("a\tb\u001b[1mc", "a\tb [1mc")]
    [InlineData("grün\n", "grün")]
    [InlineData("", "")]
    public void Lines_end_where_a_terminal_would_end_them(string text, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var piece = 1; piece <= Math.Max(1, bytes.Length); piece++)
        {
            var lines = new List<string>();
            var splitter = new LineSplitter(lines.Add);
            foreach (var part in bytes.Chunk(piece))
                splitter.Add(part);
            splitter.End();
            Assert.Equal(expected, string.Join('|', lines));
        }
    }

    [Fact]
    public void A_line_without_an_end_comes_in_pieces()
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(lines.Add);
        splitter.Add(Encoding.UTF8.GetBytes(new string('x', 20_000)));
        splitter.End();
        Assert.Equal([8192, 8192, 20_000 - 16_384], lines.Select(line => line.Length));
    }

    [Fact]
    public void A_line_is_not_cut_in_a_secret()
    {
        var options = new MigrationHostOptions();
        options.Databases["app"] = new DatabaseOptions { ConnectionString = "Host=db;Password=Zq7xKw9v" };
        var secrets = Secrets.Of(options);
        for (var before = LineSplitter.Longest - 9; before <= LineSplitter.Longest; before++)
        {
            var lines = new List<string>();
            var splitter = new LineSplitter(line => lines.Add(secrets.In(line)), complete: secrets.Complete);

            splitter.Add(Encoding.UTF8.GetBytes($"{new string('x', before)}Zq7xKw9v{new string('y', 20)}\n"));

            Assert.Equal($"{new string('x', before)}***{new string('y', 20)}", string.Concat(lines));
        }
    }

    [Fact]
    public void What_is_no_text_is_no_failure()
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(lines.Add);
        splitter.Add([0xFF, 0x00, (byte)'a', (byte)'\n']);
        Assert.Equal("\uFFFD a", Assert.Single(lines));
    }
}
