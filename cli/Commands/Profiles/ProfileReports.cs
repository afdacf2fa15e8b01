using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>A profile in a list.</summary>
internal sealed record ProfileSummary(string Name, string File, string? Description, bool Valid, int Faults);

/// <summary>A profile with every value it resolves to.</summary>
internal sealed record ProfileDetails(
    string Name,
    string Description,
    string Environment,
    string Redaction,
    string Durability,
    string RecorderMaxAge,
    long RecorderMaxBytes,
    double RecorderTenantShare,
    string DecisionWait,
    IReadOnlyList<string> SamplingPolicies,
    IReadOnlyList<string> Exporters,
    double IncidentSamplingRate,
    bool Sealed)
{
    public static ProfileDetails Of(Profile profile) => new(
        profile.Name,
        profile.Description,
        profile.Environment.ToString().ToLowerInvariant(),
        profile.Redaction,
        profile.Durability.ToString().ToLowerInvariant(),
        profile.Recorder.MaxAge.ToString("c"),
        profile.Recorder.MaxBytes,
        profile.Recorder.TenantShare,
        profile.Sampling.DecisionWait.ToString("c"),
        [.. profile.Sampling.Policies.Select(p => p.Name)],
        [.. profile.Exporters.Select(e => e.Name)],
        profile.Incident.SamplingRate,
        profile.Sealed.Enabled);
}

/// <summary>What judging a document came to.</summary>
internal sealed record ProfileValidation(string File, bool Valid, IReadOnlyList<ProfileFault> Faults);
