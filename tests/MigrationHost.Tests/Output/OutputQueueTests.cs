using System.Text;
using MigrationHost.Output;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Output;

/// <summary>What waits for a reader, what is dropped, and what is told of it.</summary>
public sealed class OutputQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Log_lines_that_nobody_reads_are_dropped_and_counted_but_no_answer()
    {
        var reader = new Reader();
        var queue = new OutputQueue("test", reader, TimeProvider.System);
        var line = new string('x', 1023) + "\n";
        for (var i = 0; i < 300; i++)
            queue.Log(line);
        for (var i = 0; i < 300; i++)
            queue.Answer("answer\n");

        reader.Read();

        Assert.True(await queue.WrittenAsync(Patience));
        var lines = reader.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var written = lines.Count(text => text[0] == 'x');
        Assert.InRange(written, 255, 257);
        Assert.Equal(300, lines.Count(text => text == "answer"));
        Assert.Equal([$"{300 - written} log lines dropped: the log was not read"], lines.Where(text => text.Contains("dropped", StringComparison.Ordinal)));
        Assert.Null(queue.Lost);
    }

    [Fact]
    public async Task Of_progress_that_nobody_reads_the_latest_arrives()
    {
        var reader = new Reader();
        var queue = new OutputQueue("test", reader, TimeProvider.System);
        for (var i = 0; i < 2000; i++)
            queue.Progress("app", $"{i} {new string('x', 1000)}\n");
        queue.Progress("other", "other\n");

        reader.Read();

        Assert.True(await queue.WrittenAsync(Patience));
        var lines = reader.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 2, 300);
        Assert.StartsWith("1999 ", lines[^2], StringComparison.Ordinal);
        Assert.Equal("other", lines[^1]);
    }

    [Fact]
    public async Task A_wait_ends_with_its_patience_or_when_it_is_told_to()
    {
        var queue = new OutputQueue("test", new Reader(), TimeProvider.System);
        queue.Answer("answer\n");

        Assert.False(await queue.WrittenAsync(TimeSpan.FromMilliseconds(50)));
        using var stop = new CancellationTokenSource();
        var wait = queue.WrittenAsync(Timeout.InfiniteTimeSpan, stop.Token);
        await stop.CancelAsync();
        Assert.False(await wait);
    }

    [Fact]
    public async Task After_a_full_disk_the_answer_goes_on_a_line_of_its_own_and_is_known_to_be_lost()
    {
        var reader = new Reader { Failure = new WriteFailure("full", ForGood: false), TakesBeforeFailure = 3 };
        reader.Read();
        var queue = new OutputQueue("test", reader, TimeProvider.System);
        queue.Answer("first\n");
        Assert.True(await queue.WrittenAsync(Patience));
        reader.Failure = null;
        queue.Answer("second\n");

        Assert.True(await queue.WrittenAsync(Patience));
        Assert.Equal(("fir\nsecond\n", "full"), (reader.Text, queue.Lost));
    }

    [Fact]
    public async Task After_its_reader_is_gone_nothing_is_kept()
    {
        var reader = new Reader { Failure = WriteFailure.ReaderGone };
        reader.Read();
        var queue = new OutputQueue("test", reader, TimeProvider.System);
        queue.Log("log\n");
        Assert.True(await queue.WrittenAsync(Patience));
        Assert.Null(queue.Lost);
        queue.Answer("answer\n");

        Assert.True(await queue.WrittenAsync(Patience));
        Assert.Equal(("", "its reader is gone"), (reader.Text, queue.Lost));
    }

    /// <summary>Takes nothing until it reads.</summary>
    private sealed class Reader : IByteSink
    {
        private readonly ManualResetEventSlim _reads = new();
        private readonly StringBuilder _text = new();

        public WriteFailure? Failure { get; set; }

        public int TakesBeforeFailure { get; set; }

        public string Text => _text.ToString();

        public void Read() => _reads.Set();

        public int Write(ReadOnlySpan<byte> bytes, out WriteFailure? failure)
        {
            _reads.Wait();
            failure = Failure;
            var taken = failure is null ? bytes.Length : Math.Min(bytes.Length, TakesBeforeFailure);
            _text.Append(Encoding.UTF8.GetString(bytes[..taken]));
            return taken;
        }
    }
}
