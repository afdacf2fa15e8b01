using System.Text;
using System.Text.Json;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>What the audit trail keeps of a change: JSON.</summary>
internal static class AuditDetail
{
    public static string Of(Incident incident, string? reason)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("state"u8, JsonNamingPolicy.KebabCaseLower.ConvertName(incident.State.ToString()));
            json.WriteNumber("version"u8, incident.Version);
            json.WriteString("expiresAt"u8, incident.ExpiresAt);
            if (incident.IsOpen)
            {
                json.WriteNumber("samplingRate"u8, incident.EffectiveRate);
                json.WriteStartArray("services"u8);
                foreach (var service in incident.Services)
                {
                    json.WriteStringValue(service);
                }

                json.WriteEndArray();
            }

            if (reason is not null)
            {
                json.WriteString("reason"u8, reason);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
