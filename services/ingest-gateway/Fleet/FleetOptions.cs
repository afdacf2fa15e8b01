using StellaOps.Telemetry.OpAmp.Client;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>Section <c>Stella:Fleet</c>: whose fleet the gateway belongs to.</summary>
internal sealed class FleetOptions
{
    public const string Section = "Stella:Fleet";

    private const int MaxLabels = 64;
    private const int MaxLabelLength = 128;

    /// <summary>The OpAMP server; null or empty for none.</summary>
    public string? OpAmpUrl { get; set; }

    /// <summary>What rollouts select the gateway by: <c>region=eu,tier=edge</c>.</summary>
    public string Labels { get; set; } = "";

    public bool IsConfigured => !string.IsNullOrEmpty(OpAmpUrl);

    /// <summary>The labels, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> LabelPairs => [.. Parts.Select(p => KeyValuePair.Create(p.Split('=', 2)[0], p.Split('=', 2)[1]))];

    private string[] Parts => Labels.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IEnumerable<string> Faults()
    {
        if (IsConfigured && OpAmpAgentOptions.FaultOf(OpAmpUrl) is { } fault)
        {
            yield return $"Stella__Fleet__OpAmpUrl '{OpAmpUrl}' {fault}";
        }

        foreach (var part in Parts.Where(p => p.Length > MaxLabelLength || p.IndexOf('=', StringComparison.Ordinal) < 1))
        {
            yield return $"Stella__Fleet__Labels '{part}' is no label: write name=value, at most {MaxLabelLength} characters, with ',' between labels";
        }

        if (Parts.Length > MaxLabels)
        {
            yield return $"Stella__Fleet__Labels has {Parts.Length} labels: keep to {MaxLabels}";
        }

        foreach (var twice in Parts.GroupBy(p => p.Split('=')[0], StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            yield return $"Stella__Fleet__Labels names '{twice.Key}' more than once: keep one";
        }
    }
}
