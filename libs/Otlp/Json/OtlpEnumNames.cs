using System.Collections.Frozen;
using StellaOps.Telemetry.Otlp.Schema;

namespace StellaOps.Telemetry.Otlp.Json;

/// <summary>
/// Names of enum values. OTLP/JSON asks for numbers; older senders write names, as protobuf's own JSON does, and the OpenTelemetry
/// Collector takes both, so we do.
/// </summary>
internal static class OtlpEnumNames
{
    private static readonly FrozenDictionary<string, int> s_spanKinds = Number(
        "SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER");

    private static readonly FrozenDictionary<string, int> s_statusCodes = Number("STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR");

    private static readonly FrozenDictionary<string, int> s_temporalities = Number(
        "AGGREGATION_TEMPORALITY_UNSPECIFIED", "AGGREGATION_TEMPORALITY_DELTA", "AGGREGATION_TEMPORALITY_CUMULATIVE");

    private static readonly FrozenDictionary<string, int> s_severities = Number(
        ["SEVERITY_NUMBER_UNSPECIFIED", .. from level in new[] { "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL" } from step in new[] { "", "2", "3", "4" } select $"SEVERITY_NUMBER_{level}{step}"]);

    public static bool TryGet(OtlpFieldType type, string name, out int value)
    {
        var names = type switch
        {
            OtlpFieldType.SpanKind => s_spanKinds,
            OtlpFieldType.StatusCode => s_statusCodes,
            OtlpFieldType.SeverityNumber => s_severities,
            _ => s_temporalities,
        };
        return names.TryGetValue(name, out value);
    }

    private static FrozenDictionary<string, int> Number(params string[] names) =>
        names.Select((name, number) => KeyValuePair.Create(name, number)).ToFrozenDictionary(StringComparer.Ordinal);
}
