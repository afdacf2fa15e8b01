using System.IO.Hashing;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Sampling;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>What one service of one tenant is told to begin: the answer, and the tag that stands for it.</summary>
internal sealed class HeadStrategy
{
    public HeadStrategy(double baseRate, IncidentMessage? incident)
    {
        Content = new HeadSamplingResponse(Math.Max(baseRate, incident?.SamplingRate ?? 0), baseRate, incident?.Id, incident?.ExpiresAt);
        Body = JsonSerializer.SerializeToUtf8Bytes(Content, ContractsJson.Default.HeadSamplingResponse);

        // By content, so that a sender which comes to another gateway is not woken for nothing.
        ETag = $"\"{Convert.ToHexStringLower(XxHash128.Hash(Body))}\"";
    }

    public HeadSamplingResponse Content { get; }

    public byte[] Body { get; }

    public string ETag { get; }
}
