using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>The sampler keeps about 10 % and every error.</summary>
internal sealed class SamplingStep : IStoryStep
{
    public string Name => "sampling";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        var measured = new List<string>();
        foreach (var tenant in new[] { context.Acme, context.Globex })
        {
            var decisions = await tenant.Sender.DecisionsAsync(tenant.SteadyTraces, cancellationToken);
            measured.Add($"{tenant.Name} {Judge(tenant.Name, tenant.SteadyTraces, decisions)}");
        }

        return string.Join("; ", measured);
    }

    /// <summary>Holds decisions against 10 % plus all errors; four standard deviations are allowed.</summary>
    public static string Judge(string tenant, IReadOnlyList<SentTrace> traces, IReadOnlyDictionary<string, TraceVerdict> decisions)
    {
        const double Share = 0.10;
        var errors = traces.Where(t => t.IsError).ToList();
        var others = traces.Where(t => !t.IsError).ToList();
        var keptErrors = errors.Count(t => decisions[t.TraceId].IsKept);
        var kept = others.Count(t => decisions[t.TraceId].IsKept);
        var slack = 4 * Math.Sqrt(others.Count * Share * (1 - Share));
        StoryException.ThrowUnless(keptErrors == errors.Count, $"{tenant}: only {keptErrors} of {errors.Count} error traces were kept");
        StoryException.ThrowUnless(Math.Abs(kept - (others.Count * Share)) <= slack, $"{tenant}: {kept} of {others.Count} ordinary traces were kept, expected {others.Count * Share:F0} ± {slack:F0}");
        return $"kept {keptErrors}/{errors.Count} errors and {100.0 * kept / others.Count:F1} % of {others.Count} others";
    }
}
