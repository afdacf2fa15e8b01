using System.Collections.Frozen;
using System.Globalization;
using Google.Protobuf.Collections;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.OpAmp.Tracking;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>Reads what is kept of an agent from what OpAMP says of it. Whatever an agent sends is cut to a bound.</summary>
internal static class AgentReader
{
    private const int MaxLabels = 64;
    private const int MaxText = 256;
    private const int MaxError = 2048;
    private const int MaxTroubles = 16;
    private static readonly FrozenDictionary<string, double> s_noMetrics = FrozenDictionary<string, double>.Empty;

    /// <summary>The record after a message.</summary>
    /// <param name="known">The record before; null: it is new.</param>
    public static AgentRecord Read(AgentRecord? known, AgentState state, OpAmpTransport transport, DateTimeOffset now)
    {
        var labels = state.Description is { } description ? LabelsOf(description) : known?.Labels ?? FrozenDictionary<string, string>.Empty;
        var record = new AgentRecord(
            state.Uid,
            labels.GetValueOrDefault("service.name", "unknown"),
            labels.GetValueOrDefault("service.version"),
            known is not null && Same(known.Labels, labels) ? known.Labels : labels,
            transport == OpAmpTransport.WebSocket ? "websocket" : "http",
            state.IsPresent,
            state.Can(AgentCapabilities.AcceptsRemoteConfig),
            known?.ReceivedHash,
            known?.Status ?? AgentConfigStatus.Unset,
            known?.Error,
            known?.RunningHash,
            known?.RefusedHash,
            state.Health is { } health ? HealthOf(health) : known?.Health,
            known?.FirstSeenAt ?? now,
            now);
        return state.RemoteConfigStatus is { LastRemoteConfigHash.Length: > 0 } status ? With(record, status) : record;
    }

    private static AgentRecord With(AgentRecord record, RemoteConfigStatus status)
    {
        var hash = Cut(Convert.ToHexStringLower(status.LastRemoteConfigHash.Span), MaxText);
        return status.Status switch
        {
            RemoteConfigStatuses.Applied => record with { ReceivedHash = hash, Status = AgentConfigStatus.Applied, RunningHash = hash, Error = null },
            RemoteConfigStatuses.Failed => record with { ReceivedHash = hash, Status = AgentConfigStatus.Failed, RefusedHash = hash, Error = Cut(status.ErrorMessage, MaxError) },
            RemoteConfigStatuses.Applying => record with { ReceivedHash = hash, Status = AgentConfigStatus.Applying, Error = null },
            _ => record with { ReceivedHash = hash, Status = AgentConfigStatus.Unset },
        };
    }

    private static Dictionary<string, string> LabelsOf(AgentDescription description)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(labels, description.IdentifyingAttributes);
        Add(labels, description.NonIdentifyingAttributes);
        return labels;
    }

    /// <summary>What identifies comes first and stays: an agent cannot take another name by a second attribute.</summary>
    private static void Add(Dictionary<string, string> labels, RepeatedField<KeyValue> attributes)
    {
        foreach (var attribute in attributes.Where(a => a.Key.Length is > 0 and <= MaxText && labels.Count < MaxLabels))
        {
            var value = attribute.Value?.ValueCase switch
            {
                AnyValue.ValueOneofCase.StringValue => attribute.Value.StringValue,
                AnyValue.ValueOneofCase.BoolValue => attribute.Value.BoolValue ? "true" : "false",
                AnyValue.ValueOneofCase.IntValue => attribute.Value.IntValue.ToString(CultureInfo.InvariantCulture),
                AnyValue.ValueOneofCase.DoubleValue => attribute.Value.DoubleValue.ToString(CultureInfo.InvariantCulture),
                _ => null,
            };
            if (value is not null)
            {
                labels.TryAdd(Cut(attribute.Key, MaxText), Cut(value, MaxText));
            }
        }
    }

    private static AgentHealth HealthOf(ComponentHealth health)
    {
        var troubles = new List<string>();
        AddTroubles(troubles, "", health.ComponentHealthMap);
        return new AgentHealth(
            health.Healthy,
            TextOf(health.Status),
            TextOf(health.LastError),
            troubles,
            health.ComponentHealthMap.TryGetValue(KnownFleet.MetricsComponent, out var metrics) ? MetricsOf(metrics.Status) : s_noMetrics);
    }

    private static void AddTroubles(List<string> troubles, string prefix, MapField<string, ComponentHealth> components)
    {
        foreach (var (name, component) in components.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            if (troubles.Count >= MaxTroubles)
            {
                return;
            }

            if (!component.Healthy && (TextOf(component.LastError) ?? TextOf(component.Status)) is { } trouble)
            {
                troubles.Add(Cut($"{prefix}{name}: {trouble}", MaxText));
            }

            AddTroubles(troubles, $"{prefix}{name}/", component.ComponentHealthMap);
        }
    }

    private static Dictionary<string, double> MetricsOf(string text)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var part in Cut(text, MaxError).Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(MaxLabels))
        {
            var cut = part.IndexOf('=', StringComparison.Ordinal);
            if (cut > 0 && double.TryParse(part.AsSpan(cut + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
            {
                metrics[part[..cut]] = value;
            }
        }

        return metrics;
    }

    private static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(l => other.TryGetValue(l.Key, out var value) && value == l.Value);

    private static string? TextOf(string text) => text.Length == 0 ? null : Cut(text, MaxText);

    // PostgreSQL's text holds no zero character.
    private static string Cut(string text, int length)
    {
        var clean = text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
        return clean.Length <= length ? clean : clean[..length];
    }
}
