using MigrationHost.Layouts;

namespace MigrationHost.Tests.Layouts;

public sealed class GooseVariablesTests
{
    private readonly GooseVariables _variables = new(new Dictionary<string, string> { ["A"] = "alpha", ["E"] = "" });

    [Theory]
    [InlineData("$A ${A} $A_", "alpha alpha ")]
    [InlineData("${B:-d} ${E:-d} ${A:-d}", "d d alpha")]
    [InlineData("${B-d}|${E-d}|${A-d}", "d||alpha")]
    [InlineData("${B:-${A}} ${A:-${B}}", "alpha alpha")]
    [InlineData("${A:1} ${A:1:2} ${A:-9}", "lpha lp alpha")]
    [InlineData("${A?needed}", "alpha")]
    [InlineData("$$ $$body$$ \\$A \\\\", "$ $body$ $A \\\\")]
    [InlineData("$(date) costs 5 $", "$(date) costs 5 $")]
    public void What_goose_would_fill_in_is_filled_in(string text, string filled) => Assert.Equal(filled, _variables.Fill(text));

    [Theory]
    [InlineData("$B", "B")]
    [InlineData("${B} ${C}", "B C")]
    [InlineData("${B:-${C}}", "C")]
    [InlineData("${A:-${C}}", "")]
    [InlineData("${B?needed}", "B")]
    public void What_has_no_value_is_named(string text, string names)
    {
        _variables.Fill(text);

        Assert.Equal(names, string.Join(' ', _variables.Missing));
    }

    [Theory]
    [InlineData("${A")]
    [InlineData("${}")]
    [InlineData("$1")]
    [InlineData("${A!}")]
    [InlineData("${A:x}")]
    public void What_goose_does_not_understand_is_an_error(string text) => Assert.Throws<FormatException>(() => _variables.Fill(text));
}
