using System.Text;
using System.Text.Json;

namespace StellaOps.Telemetry.IncidentService.Notify;

/// <summary>What the audit trail keeps of a step: JSON.</summary>
internal static class AuditText
{
    public static string Of(params ReadOnlySpan<(string Name, string? Value)> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in members)
            {
                if (value is not null)
                {
                    json.WriteString(name, value);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
