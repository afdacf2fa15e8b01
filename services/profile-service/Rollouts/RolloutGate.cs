using System.Globalization;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>What an agent that applied a deployment must keep to until its batch has soaked.</summary>
/// <param name="UnhealthyFor">How long it may say that it is not healthy: a pipeline that is swapped may stumble.</param>
/// <param name="ExportFailures">How many more export failures it may count than before its offer.</param>
/// <param name="Refusals">How many more refused requests it may count than before its offer.</param>
/// <param name="QueueSeconds">How old the oldest record may be that waits for an exporter.</param>
internal sealed record RolloutGate(TimeSpan UnhealthyFor, double ExportFailures, double Refusals, double QueueSeconds)
{
    public static RolloutGate Of(RolloutLimits limits) => new(TimeSpan.FromSeconds(limits.UnhealthySeconds), limits.ExportFailures, limits.Refusals, limits.QueueSeconds);

    /// <summary>Why the metrics do not pass; null when they do. An agent that reports none (a stock Collector) is judged by its health alone.</summary>
    /// <param name="before">What it counted when it was offered the deployment. A counter that is lower now began anew.</param>
    public string? FaultOf(IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> now)
    {
        if (Growth(before, now, KnownFleet.ExportFailures) is var failures && failures > ExportFailures)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{failures:0} export failures since it was offered this, {ExportFailures:0} are allowed");
        }

        if (Growth(before, now, KnownFleet.Refusals) is var refusals && refusals > Refusals)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{refusals:0} refused requests since it was offered this, {Refusals:0} are allowed");
        }

        return now.TryGetValue(KnownFleet.QueueOldestSeconds, out var age) && age > QueueSeconds
            ? string.Create(CultureInfo.InvariantCulture, $"its oldest record has waited {age:0} s for an exporter, {QueueSeconds:0} s are allowed")
            : null;
    }

    private static double Growth(IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> now, string name)
    {
        var count = now.GetValueOrDefault(name);
        return before.TryGetValue(name, out var first) && first <= count ? count - first : count;
    }
}
