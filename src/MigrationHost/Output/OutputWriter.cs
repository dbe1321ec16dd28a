using System.Text;

namespace MigrationHost.Output;

/// <summary>Lets everything that writes to the console write to the log's queue instead, where it waits for nobody.</summary>
internal sealed class OutputWriter(OutputQueue queue) : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => queue.Log(value.ToString());

    public override void Write(string? value)
    {
        if (!string.IsNullOrEmpty(value))
            queue.Log(value);
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void WriteLine() => Write("\n");

    public override void WriteLine(string? value) => Write($"{value}\n");

    public override void WriteLine(ReadOnlySpan<char> buffer) => Write($"{buffer}\n");
}
