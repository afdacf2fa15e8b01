using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

/// <summary>A profile with a parent, an overlay and a policy.</summary>
internal static class SigningTexts
{
    public const string Profile = "shop";

    private const string Base = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: base }
        spec:
          environment: development
          redaction: strict
          durability: write
          sampling: { policies: [{ name: all, type: always_sample }] }
        """;

    private const string Shop = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        extends: base
        metadata: { name: shop }
        spec:
          sampling: { decision_wait: 5s }
        """;

    private const string Prod = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: ProfileOverlay
        metadata: { name: shop }
        spec:
          sampling: { decision_wait: 9s }
        """;

    private const string Policy = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: RedactionPolicy
        metadata: { name: strict }
        spec:
          blocked_values: [{ rule: email, action: mask, class: email }]
        """;

    public static IReadOnlyList<ProfileDocument> Documents { get; } =
        [new("shop.yaml", Shop), new("redaction/strict.yaml", Policy), new("overlays/prod/shop.yaml", Prod), new("base.yaml", Base)];

    /// <summary>Each version waits another second, so that each has a hash of its own.</summary>
    public static ProfileClosure Closure(long version, string? overlay = null) => SignedProfiles.Closure(
        Profile, version, overlay, [.. Documents.Select(d => d with { Text = d.Text.Replace("decision_wait: 5s", $"decision_wait: {version + 5}s", StringComparison.Ordinal) })]);
}
