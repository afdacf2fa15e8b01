using System.Text.Json;
using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Clients;

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ProblemJson : JsonSerializerContext;
