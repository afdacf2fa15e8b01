using System.Diagnostics.Tracing;

namespace StellaOps.Telemetry.IncidentSampling;

/// <summary>
/// What the sampler says of itself. The name begins as those of the SDK do, so that its self-diagnostics (<c>OTEL_DIAGNOSTICS.json</c>) takes it
/// along. Never a header.
/// </summary>
[EventSource(Name = "OpenTelemetry-StellaOps-IncidentSampling")]
internal sealed class IncidentSamplingEventSource : EventSource
{
    public static readonly IncidentSamplingEventSource Log = new();

    [Event(1, Level = EventLevel.Informational, Message = "Following the sampling rate that {0} gives")]
    public void Following(string gateway) => WriteEvent(1, gateway);

    [Event(2, Level = EventLevel.Error, Message = "No sampling rate is followed: {0}")]
    public void NotFollowing(string reason) => WriteEvent(2, reason);

    [Event(3, Level = EventLevel.Informational, Message = "Sampling rate of new traces {0}, incident '{1}'")]
    public void Changed(double rate, string incident) => WriteEvent(3, rate, incident);

    [Event(4, Level = EventLevel.Informational, Message = "Incident '{0}' is over by this process's clock: the sampling rate is as before")]
    public void Expired(string incident) => WriteEvent(4, incident);

    [Event(5, Level = EventLevel.Warning, Message = "The gateway cannot be asked for the sampling rate, the last one stays: {0}")]
    public void Unreachable(string reason) => WriteEvent(5, reason);

    [Event(6, Level = EventLevel.Warning, Message = "The gateway refused to tell the sampling rate with status {0}, the last one stays")]
    public void Refused(int status) => WriteEvent(6, status);

    [Event(7, Level = EventLevel.Error, Message = "The gateway's answer is no sampling rate, the last one stays")]
    public void Unreadable() => WriteEvent(7);
}
