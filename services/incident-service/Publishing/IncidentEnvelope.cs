using System.Text.Json;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.ServiceDefaults.Identity;

namespace StellaOps.Telemetry.IncidentService.Publishing;

/// <summary>Signs what gateways are told, and reads back what stands in Redis.</summary>
internal sealed class IncidentEnvelope(IOptions<IdentityOptions> identity) : IDisposable
{
    private readonly SigningKey _key = SigningKey.Load(identity.Value.KeyFile!);

    public byte[] Sign(Incident incident) =>
        Dsse.Sign(IncidentMessage.PayloadType, JsonSerializer.SerializeToUtf8Bytes(incident.ToMessage(), ContractsJson.Default.IncidentMessage), _key, withKeyId: true);

    /// <summary>The message's version; null when it is none of ours, or not about this incident: then it is written anew.</summary>
    public long? VersionOf(string incidentId, ReadOnlyMemory<byte> envelope)
    {
        if (!Dsse.TryParse(envelope.Span, out var parsed) || parsed.PayloadType != IncidentMessage.PayloadType || parsed.KeyId != _key.KeyId || !parsed.IsSignedBy(_key.Public))
        {
            return null;
        }

        // Ours, so it can be read.
        var message = JsonSerializer.Deserialize(parsed.Payload.Span, ContractsJson.Default.IncidentMessage)!;
        return message.Id == incidentId ? message.Version : null;
    }

    public void Dispose() => _key.Dispose();
}
