using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>What differs between two profiles, in the words of the profile, each with its risk (docs/rendering.md lists the risks).</summary>
public static class ProfileDiffer
{
    /// <summary>The changes from <paramref name="before"/> to <paramref name="after"/>, in the order of a profile's sections; none when both come to the same.</summary>
    /// <exception cref="ArgumentException">One of them is no valid profile.</exception>
    public static IReadOnlyList<ProfileChange> Diff(ProfileResolution before, ProfileResolution after)
    {
        var (was, now) = (Valid(before, nameof(before)), Valid(after, nameof(after)));
        var changes = new ChangeList();
        Identity(changes, was, now);
        IngestDiff.Add(changes, was.Ingest, now.Ingest);
        RedactionDiff.Add(changes, was.Redaction, before.RedactionPolicyText, now.Redaction, after.RedactionPolicyText);
        GatewayDiff.Add(changes, was, now);
        SamplingDiff.Add(changes, was.Sampling, now.Sampling);
        ExporterDiff.Add(changes, was.Exporters, now.Exporters);
        SealedDiff.Add(changes, was.Sealed, now.Sealed);
        StorageDiff.Add(changes, was.Storage, now.Storage);
        EdgeDiff.Add(changes, was.Edge, now.Edge);
        return changes.All;
    }

    /// <summary>The highest risk of all; null when there is no change.</summary>
    public static ChangeRisk? HighestRisk(IReadOnlyList<ProfileChange> changes) => changes.Count == 0 ? null : changes.Max(c => c.Risk);

    private static Profile Valid(ProfileResolution resolution, string name) =>
        resolution.Profile ?? throw new ArgumentException($"no valid profile: {string.Join("; ", resolution.Faults)}", name);

    private static void Identity(ChangeList changes, Profile was, Profile now)
    {
        changes.Value("metadata.name", "name", was.Name, now.Name, ChangeRisk.Harmless);
        changes.Value("metadata.description", "description", was.Description, now.Description, ChangeRisk.Harmless);

        // Development allows what production refuses.
        changes.Value(
            "spec.environment", "environment", Words.Name(was.Environment), Words.Name(now.Environment),
            now.Environment == DeploymentEnvironment.Development ? ChangeRisk.RaisesLimit : ChangeRisk.Harmless);
        changes.Value("spec.multi_tenant", "multi_tenant", Words.Of(was.MultiTenant), Words.Of(now.MultiTenant), was.MultiTenant ? ChangeRisk.WeakensIsolation : ChangeRisk.Harmless);
    }
}
