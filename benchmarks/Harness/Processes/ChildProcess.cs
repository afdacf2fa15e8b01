using System.Diagnostics;
using System.Text.Json;

namespace StellaOps.Telemetry.Benchmarks.Harness.Processes;

/// <summary>One of our built programs as a child that ends with this process: its standard input is a pipe from here.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StreamWriter _log;

    /// <param name="assembly">Path of the program's assembly.</param>
    /// <param name="logFile">Gets what it writes to standard error, and its output where nobody asks for it.</param>
    /// <param name="core">The only core it may run on; null for all.</param>
    public ChildProcess(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string logFile, int? core)
    {
        string[] command = [.. core is { } c ? (string[])["taskset", "-c", c.ToString(System.Globalization.CultureInfo.InvariantCulture)] : [], "dotnet", assembly, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        LogFile = logFile;
        _process = new Process { StartInfo = start };
        _process.Start();
        _process.ErrorDataReceived += (_, e) => Write(e.Data);
        _process.BeginErrorReadLine();
        Usage = new ProcessUsage(_process.Id);
    }

    public string LogFile { get; }

    public ProcessUsage Usage { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Lets its output go to the log.</summary>
    public void LogOutput()
    {
        _process.OutputDataReceived += (_, e) => Write(e.Data);
        _process.BeginOutputReadLine();
    }

    /// <summary>Gives it a command.</summary>
    public async Task TellAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Gives it a command and waits for the line of JSON that answers.</summary>
    public async Task<JsonElement> AskAsync(string command)
    {
        await TellAsync(command);
        return await ReadAsync();
    }

    /// <summary>The next line of its output.</summary>
    public async Task<JsonElement> ReadAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        var line = await _process.StandardOutput.ReadLineAsync(patience.Token)
            ?? throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[0]} ended; see {LogFile}");
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    /// <summary>Asks it to end as an operator does, and waits.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-s", "TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        using var patience = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        await _log.DisposeAsync();
    }

    private void Write(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.WriteLine(line);
            }
        }
    }
}
