using System.Text.Json;
using StellaOps.Telemetry.AppHost.Local.Processes;

namespace StellaOps.Telemetry.AppHost.Local;

/// <summary>Remembers the children on disk, so that the next engine knows what one that was killed may have left behind.</summary>
internal sealed class LeftProcesses(StateFolder state, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public void Write(IEnumerable<int> processIds)
    {
        var alive = processIds.Select(id => (Id: id, Start: Signals.StartOf(id))).Where(p => p.Start is not null).ToDictionary(p => p.Id, p => p.Start!);
        StateFolder.WriteAtomically(state.ProcessesFile, JsonSerializer.SerializeToUtf8Bytes(alive));
    }

    public void Clear() => File.Delete(state.ProcessesFile);

    /// <summary>Waits until what an earlier engine left has ended by itself, and ends what does not.</summary>
    public async Task AwaitEndAsync(LogConsole console, CancellationToken cancellationToken)
    {
        if (!File.Exists(state.ProcessesFile))
        {
            return;
        }

        var left = Read();
        var started = time.GetTimestamp();
        while (left.Where(p => Signals.StartOf(p.Key) == p.Value).Select(p => p.Key).ToList() is { Count: > 0 } alive)
        {
            if (time.GetElapsedTime(started) > s_patience)
            {
                console.Line($"processes of an earlier run do not end, killed: {string.Join(", ", alive)}");
                alive.ForEach(id => Signals.Send(id, Signals.Kill));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }

        Clear();
    }

    private Dictionary<int, string> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<int, string>>(File.ReadAllBytes(state.ProcessesFile)) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
