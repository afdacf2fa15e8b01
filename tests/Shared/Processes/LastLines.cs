using System.Collections.Concurrent;
using System.Diagnostics;

namespace StellaOps.Telemetry.Tests.Shared.Processes;

/// <summary>The last lines that processes wrote, for messages of failing tests.</summary>
public sealed class LastLines(int most)
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Starts a process whose two outputs are redirected, and reads both.</summary>
    public void Start(Process process, Func<string, bool>? isKept = null)
    {
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        void Take(string? line)
        {
            if (line is not null && isKept?.Invoke(line) != false)
            {
                Add(line);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', _lines);

    private void Add(string line)
    {
        _lines.Enqueue(line);
        while (_lines.Count > most)
        {
            _lines.TryDequeue(out _);
        }
    }
}
