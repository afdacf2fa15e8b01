using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>What a source calls an incident: the same text, the same incident.</summary>
internal static class HookCorrelation
{
    private const int MaxReadable = 255;

    /// <summary>An alert of its own: <c>alert:RULE:FINGERPRINT</c>.</summary>
    public static string OfAlert(string rule, string fingerprint) => $"alert:{rule}:{fingerprint}";

    /// <summary>
    /// Alerts whose labels have these values: <c>alert:RULE:["checkout","eu"]</c>, or the hash of what is too long to read. JSON, so that
    /// no value can look like two.
    /// </summary>
    public static string OfLabels(string rule, IReadOnlyList<string> values) =>
        Bounded($"alert:{rule}:", JsonSerializer.Serialize(values, HooksJson.Default.IReadOnlyListString));

    /// <summary>What an orchestrator says: <c>orchestrator:NAME:deploy-17</c>.</summary>
    public static string OfOrchestrator(string orchestrator, string correlation) => Bounded($"orchestrator:{orchestrator}:", correlation);

    private static string Bounded(string prefix, string text) =>
        prefix + (text.Length <= MaxReadable ? text : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
}
