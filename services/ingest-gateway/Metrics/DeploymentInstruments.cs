using System.Diagnostics.Metrics;
using StellaOps.Telemetry.IngestGateway.Configuration;

namespace StellaOps.Telemetry.IngestGateway.Metrics;

/// <summary>What the gateway says of deployments of profiles.</summary>
internal sealed class DeploymentInstruments
{
    private readonly Counter<long> _refusals;

    public DeploymentInstruments(IMeterFactory meters, ProfileState profile)
    {
        var meter = meters.Create(IngestInstruments.MeterName);
        _refusals = meter.CreateCounter<long>("telemetry.profile.refusals", description: "Deployments of profiles that were not taken over, by reason");
        meter.CreateObservableGauge(
            "telemetry.profile.break_glass",
            () => profile.Current.Deployment?.Judgement.BreakGlass is null ? 0 : 1,
            description: "1 while a profile is in force whose approvals or floor were waived");
    }

    /// <param name="reason">From a set that senders do not control.</param>
    public void OnRefused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
