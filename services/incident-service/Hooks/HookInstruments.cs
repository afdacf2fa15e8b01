using System.Diagnostics.Metrics;
using StellaOps.Telemetry.Profiles.Hooks;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>Hooks as a metric; sources and outcomes are fixed sets.</summary>
internal sealed class HookInstruments
{
    public const string MeterName = "StellaOps.Telemetry.IncidentService.Hooks";

    private readonly Counter<long> _deliveries;

    public HookInstruments(IMeterFactory meters) => _deliveries = meters.Create(MeterName).CreateCounter<long>(
        "telemetry.hook.deliveries",
        description: "What became of alerts and events: incidents opened, extended, resolved, unchanged; alerts and events ignored, since no rule takes them; deliveries refused; incidents failed, to be sent again");

    public void OnDone(HookSource source, HookOutcome outcome)
    {
        if (outcome != HookOutcome.IdReused)
        {
            Count(source, outcome switch
            {
                HookOutcome.Opened => "opened",
                HookOutcome.Extended => "extended",
                HookOutcome.Resolved => "resolved",
                _ => "unchanged",
            });
        }
    }

    public void OnIgnored(HookSource source, int count)
    {
        if (count > 0)
        {
            Count(source, "ignored", count);
        }
    }

    /// <summary>A whole delivery, or a part of it.</summary>
    public void OnRefused(HookSource source) => Count(source, "refused");

    public void OnFailed(HookSource source) => Count(source, "failed");

    private void Count(HookSource source, string outcome, long count = 1) => _deliveries.Add(
        count, new("source", source == HookSource.Alertmanager ? "alertmanager" : "orchestrator"), new("outcome", outcome));
}
