using System.Collections.Concurrent;
using System.Globalization;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Running;

/// <summary>What a run did: executions by outcome, and the seeds that failed.</summary>
internal sealed class FuzzReport(string name, int firstSeed)
{
    /// <summary>More say no more.</summary>
    private const int MaxFailures = 20;

    private readonly ConcurrentDictionary<string, long> _outcomes = new();
    private readonly ConcurrentDictionary<int, string> _failures = new();

    public long Executions => _outcomes.Values.Sum() + _failures.Count;

    public bool IsFull => _failures.Count >= MaxFailures;

    public bool HasFailed => !_failures.IsEmpty;

    public TimeSpan Elapsed { get; set; }

    public double ShareOf(string outcome) => Executions == 0 ? 0 : _outcomes.GetValueOrDefault(outcome) / (double)Executions;

    public void Passed(string outcome) => _outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);

    public void Failed(int seed, Exception why)
    {
        // One line: what, and where in the check.
        var text = $"{why.GetType().Name}: {why.Message}".ReplaceLineEndings(" ");
        var place = why.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("Checks.", StringComparison.Ordinal) || l.Contains("libs/", StringComparison.Ordinal));
        _failures[seed] = string.Concat(text.AsSpan(0, Math.Min(text.Length, 400)), place?.TrimEnd());
    }

    public override string ToString()
    {
        var outcomes = string.Join(", ", _outcomes.OrderByDescending(o => o.Value).Select(o => $"{o.Key} {o.Value}"));
        var head = string.Create(CultureInfo.InvariantCulture, $"{name}: {Executions} executions in {Elapsed.TotalSeconds:F0} s from seed {firstSeed}, {_failures.Count} failures ({outcomes})");
        return string.Join('\n', _failures.OrderBy(f => f.Key).Select(f => $"  seed {f.Key}: {f.Value}").Prepend(head));
    }
}
