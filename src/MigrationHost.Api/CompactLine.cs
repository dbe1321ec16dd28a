using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Parsing;

namespace MigrationHost.Api;

/// <summary>Serilog's compact form, with the message as the text line has it: texts in it are not quoted.</summary>
internal sealed class CompactLine : ITextFormatter
{
    private const string Literal = "l";

    private static readonly RenderedCompactJsonFormatter Compact = new();

    public void Format(LogEvent logEvent, TextWriter output) => Compact.Format(
        new LogEvent(
            logEvent.Timestamp,
            logEvent.Level,
            logEvent.Exception,
            new MessageTemplate(logEvent.MessageTemplate.Text, logEvent.MessageTemplate.Tokens.Select(token => Unquoted(token, logEvent))),
            logEvent.Properties.Select(property => new LogEventProperty(property.Key, property.Value))),
        output);

    // Only a text has this form: a number would refuse it.
    private static MessageTemplateToken Unquoted(MessageTemplateToken token, LogEvent logEvent) =>
        token is PropertyToken { Format: null } value
            && logEvent.Properties.GetValueOrDefault(value.PropertyName) is ScalarValue { Value: string }
            ? new PropertyToken(value.PropertyName, value.ToString(), Literal, value.Alignment, value.Destructuring)
            : token;
}
