using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.durability</c>, <c>spec.recorder</c>, <c>spec.incident</c> and <c>spec.retention</c>: what is safe, and for how long.</summary>
internal static class GatewayDiff
{
    public static void Add(ChangeList changes, Profile was, Profile now)
    {
        changes.Value(
            "spec.durability", "durability", Words.Name(was.Durability), Words.Name(now.Durability),
            now.Durability < was.Durability ? ChangeRisk.WeakensDurability : ChangeRisk.Harmless);
        Recorder(changes, was.Recorder, now.Recorder);
        Incident(changes, was.Incident, now.Incident);
        RetentionDiff.Add(changes, was.Retention, now.Retention);
    }

    private static void Recorder(ChangeList changes, RecorderSettings was, RecorderSettings now)
    {
        changes.Fall("spec.recorder.max_age", "the recorder reaches back", was.MaxAge, now.MaxAge, Words.Of, ChangeRisk.ShortensLookback);
        changes.Fall("spec.recorder.max_bytes", "the recorder holds", was.MaxBytes, now.MaxBytes, Words.Size, ChangeRisk.ShortensLookback, ChangeRisk.RaisesLimit);
        changes.Fall<long>("spec.recorder.file_bytes", "file_bytes of the recorder", was.FileBytes, now.FileBytes, Words.Size, ChangeRisk.Harmless);

        // What one tenant may hold more, others reach back less.
        changes.Fall(
            "spec.recorder.tenant_share", "one tenant may hold of the recorder", was.TenantShare, now.TenantShare, Words.Share,
            ChangeRisk.Harmless, ChangeRisk.WeakensIsolation);
        changes.Fall(
            "spec.recorder.spill_bytes", "a lagging exporter may spill", was.SpillBytes, now.SpillBytes, Words.Size, ChangeRisk.WeakensDurability, ChangeRisk.RaisesLimit);
    }

    private static void Incident(ChangeList changes, IncidentProfile was, IncidentProfile now)
    {
        changes.Fall("spec.incident.sampling_rate", "an incident keeps", was.SamplingRate, now.SamplingRate, Words.Share, ChangeRisk.LowersSampling);
        changes.Fall("spec.incident.lookback", "an incident reaches back", was.Lookback, now.Lookback, Words.Of, ChangeRisk.ShortensLookback);
        changes.Fall("spec.incident.cooldown", "an incident cools down for", was.Cooldown, now.Cooldown, Words.Of, ChangeRisk.LowersSampling);
        changes.Limit<TimeSpan>("spec.incident.ceiling", "the longest incident", was.Ceiling, now.Ceiling, Words.Of);
    }
}
