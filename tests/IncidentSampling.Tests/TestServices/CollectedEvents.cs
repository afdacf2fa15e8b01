using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace StellaOps.Telemetry.IncidentSampling.Tests.TestServices;

/// <summary>What the sampler says of itself, of all tests that run just now.</summary>
internal sealed class CollectedEvents : EventListener
{
    public ConcurrentQueue<(int Id, IReadOnlyList<string> Payload)> Seen { get; } = new();

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-StellaOps-IncidentSampling")
        {
            EnableEvents(eventSource, EventLevel.Verbose);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        Seen.Enqueue((eventData.EventId, [.. (eventData.Payload ?? new([])).Select(p => p?.ToString() ?? "")]));
}
