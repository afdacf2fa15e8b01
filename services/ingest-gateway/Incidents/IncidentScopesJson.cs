using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.IngestGateway.Incidents;

[JsonSerializable(typeof(string[]))]
internal sealed partial class IncidentScopesJson : JsonSerializerContext;
