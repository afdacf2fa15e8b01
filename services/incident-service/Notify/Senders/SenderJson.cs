using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>What targets take, as they name it.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SlackMessage))]
[JsonSerializable(typeof(PagerDutyEvent))]
[JsonSerializable(typeof(IReadOnlyList<AlertmanagerAlert>))]
internal sealed partial class SenderJson : JsonSerializerContext;
