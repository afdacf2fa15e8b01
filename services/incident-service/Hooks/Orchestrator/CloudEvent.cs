using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

/// <summary>A CloudEvent 1.0, as far as it is looked at: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md</summary>
internal sealed record CloudEvent(
    [property: JsonPropertyName("specversion")] string? SpecVersion,
    string? Id,
    string? Source,
    string? Type,
    OrchestratorData? Data,
    [property: JsonPropertyName("datacontenttype")] string? DataContentType = null);
