using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.IncidentService.Hooks.Alertmanager;
using StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>What others send: properties that are not known are passed over, since they may add some.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(AlertmanagerMessage))]
[JsonSerializable(typeof(CloudEvent))]
[JsonSerializable(typeof(OrchestratorData))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class HooksJson : JsonSerializerContext;
