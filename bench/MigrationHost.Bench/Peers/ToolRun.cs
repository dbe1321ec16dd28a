using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MigrationHost.Bench.Peers;

/// <summary>A started program, what it says and when; ended with all that it has started when disposed.</summary>
internal sealed partial class ToolRun : IDisposable
{
    private readonly Process _process;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<(TimeSpan At, string Line)> _lines = [];
    private TimeSpan? _ended;

    public ToolRun(ProcessStartInfo start, string folder)
    {
        start.WorkingDirectory = folder;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, data) => Hear(data.Data);
        _process.ErrorDataReceived += (_, data) => Hear(data.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public int Code => _process.ExitCode;

    /// <summary>How long it has run, or ran.</summary>
    public TimeSpan Elapsed => _ended ?? _clock.Elapsed;

    public string Said
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines.Select(line => line.Line));
        }
    }

    /// <summary>When it first said this number.</summary>
    public TimeSpan? SaidAt(int value)
    {
        var number = value.ToString(CultureInfo.InvariantCulture);
        lock (_lines)
            return _lines.Where(line => Numbers().Matches(line.Line).Any(found => found.Value == number))
                .Select(line => (TimeSpan?)line.At).FirstOrDefault();
    }

    /// <summary>Whether it ends within this time.</summary>
    public bool Ended(TimeSpan within)
    {
        if (_process.WaitForExit(within > TimeSpan.Zero ? within : TimeSpan.Zero))
        {
            _process.WaitForExit(); // for the last lines
            _ended ??= _clock.Elapsed;
        }
        return _ended is not null;
    }

    public void Write(string text)
    {
        _process.StandardInput.Write(text);
        _process.StandardInput.Flush();
    }

    public void CloseInput() => _process.StandardInput.Close();

    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Pid}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
            _lines.Add((_clock.Elapsed, line));
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
