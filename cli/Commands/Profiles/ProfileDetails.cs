using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>A profile with every value it resolves to; durations as a profile spells them, sizes in bytes.</summary>
internal sealed record ProfileDetails(
    string Name,
    string Description,
    IReadOnlyList<string> Lineage,
    string? Overlay,
    IReadOnlyList<string> Documents,
    string Hash,
    string Environment,
    string Grpc,
    string Http,
    string Redaction,
    string Durability,
    string RecorderMaxAge,
    long RecorderMaxBytes,
    double RecorderTenantShare,
    long RecorderSpillBytes,
    string DecisionWait,
    IReadOnlyList<string> SamplingPolicies,
    IReadOnlyList<string> Exporters,
    double IncidentSamplingRate,
    string IncidentLookback,
    string IncidentCooldown,
    string IncidentCeiling,
    IReadOnlyDictionary<string, string> Retention,
    bool MultiTenant,
    StorageDetails? Storage,
    EdgeDetails? Edge,
    bool Sealed,
    IReadOnlyList<string> Allowlist)
{
    public static ProfileDetails Of(ProfileResolution resolution, string? overlay)
    {
        var profile = resolution.Profile!;
        return new ProfileDetails(
            profile.Name,
            profile.Description,
            resolution.Lineage,
            overlay,
            [.. resolution.Documents.Select(d => d.Path)],
            ProfileHash.Compute(profile, resolution.RedactionPolicyText),
            Word(profile.Environment),
            profile.Ingest.GrpcUrl.ToString(),
            profile.Ingest.HttpUrl.ToString(),
            profile.Redaction,
            Word(profile.Durability),
            ProfileWords.Duration(profile.Recorder.MaxAge),
            profile.Recorder.MaxBytes,
            profile.Recorder.TenantShare,
            profile.Recorder.SpillBytes,
            ProfileWords.Duration(profile.Sampling.DecisionWait),
            [.. profile.Sampling.Policies.Select(p => p.Name)],
            [.. profile.Exporters.Select(Shown)],
            profile.Incident.SamplingRate,
            ProfileWords.Duration(profile.Incident.Lookback),
            ProfileWords.Duration(profile.Incident.Cooldown),
            ProfileWords.Duration(profile.Incident.Ceiling),
            profile.Retention.ToDictionary(t => t.Name, RetentionWords.Of, StringComparer.Ordinal),
            profile.MultiTenant,
            profile.Storage is { } storage ? StorageDetails.Of(storage) : null,
            profile.Edge is { } edge ? EdgeDetails.Of(edge) : null,
            profile.Sealed.Enabled,
            profile.Sealed.Allowlist);
    }

    private static string Shown(ExporterSettings exporter) => exporter is OtlpExporterSettings otlp ? $"{otlp.Name} to {otlp.Endpoint}" : exporter.Name;

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
