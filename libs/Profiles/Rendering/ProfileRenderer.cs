using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Rendering.Collector;
using StellaOps.Telemetry.Profiles.Rendering.Stores;

namespace StellaOps.Telemetry.Profiles.Rendering;

/// <summary>Renders a profile to the configuration of everything that it rules (docs/rendering.md).</summary>
public static class ProfileRenderer
{
    /// <summary>The canonical form of the profile in force: its SHA-256 is the hash that gateways report.</summary>
    public const string Gateway = "gateway.json";

    /// <summary>The configuration of edge Collectors.</summary>
    public const string Collector = CollectorRenderer.FileName;

    /// <summary>Every name that a file may have, ordinal.</summary>
    public static IReadOnlyList<string> FileNames { get; } =
    [
        "alertmanager.args", "alertmanager.yaml", Collector, Gateway, LokiRenderer.OverridesFile, "loki.yaml", "prometheus.args", "prometheus.yaml",
        TempoRenderer.OverridesFile, "tempo.yaml",
    ];

    /// <summary>All files of a profile, ordinal by name. What the profile says nothing of has none: no <c>spec.edge</c>, no <see cref="Collector"/>.</summary>
    /// <param name="redactionPolicyText">The text of the policy that the profile names, one that was judged; empty when it names <see cref="Profile.NoRedaction"/>.</param>
    public static IReadOnlyList<RenderedFile> Render(Profile profile, string redactionPolicyText)
    {
        var files = new List<RenderedFile> { new(Gateway, "application/json", ProfileHash.Canonical(profile, redactionPolicyText)) };
        if (profile.Edge is { } edge)
        {
            files.Add(CollectorRenderer.Render(profile, edge, redactionPolicyText));
        }

        if (profile.Storage is { } storage)
        {
            files.AddRange(PrometheusRenderer.Render(profile, storage.Prometheus));
            files.AddRange(LokiRenderer.Render(profile, storage.Loki));
            files.AddRange(TempoRenderer.Render(profile, storage.Tempo));
            files.AddRange(AlertmanagerRenderer.Render(profile, storage));
        }

        return [.. files.OrderBy(f => f.Name, StringComparer.Ordinal)];
    }
}
