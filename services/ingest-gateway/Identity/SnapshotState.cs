using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>What became of a snapshot that was offered.</summary>
internal enum SnapshotOutcome
{
    Taken,

    /// <summary>The very version that is in force.</summary>
    Unchanged,

    /// <summary>Below the version in force: a replayed old snapshot could bring a revoked key back.</summary>
    Older,

    /// <summary>Not signed by a key that may.</summary>
    Untrusted,

    /// <summary>Signed, but not a snapshot of a schema known here.</summary>
    Malformed,
}

/// <summary>The snapshot in force. Readers take <see cref="Current"/>; one writer at a time offers.</summary>
internal sealed class SnapshotState(TrustStore trust)
{
    private readonly Lock _writer = new();
    private volatile SnapshotModel? _current;

    /// <summary>Null until the first snapshot.</summary>
    public SnapshotModel? Current => _current;

    public SnapshotOutcome Offer(ReadOnlySpan<byte> envelope)
    {
        if (!trust.TryOpen(envelope, GatewaySnapshot.PayloadType, KnownKeyUses.GatewaySnapshot, out var payload, out _))
        {
            return SnapshotOutcome.Untrusted;
        }

        SnapshotModel model;
        try
        {
            if (JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.GatewaySnapshot) is not { Schema: GatewaySnapshot.SchemaId } snapshot)
            {
                return SnapshotOutcome.Malformed;
            }

            model = new SnapshotModel(snapshot);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or CryptographicException)
        {
            return SnapshotOutcome.Malformed;
        }

        lock (_writer)
        {
            if (_current is { } current && model.Version <= current.Version)
            {
                return model.Version == current.Version ? SnapshotOutcome.Unchanged : SnapshotOutcome.Older;
            }

            _current = model;
            return SnapshotOutcome.Taken;
        }
    }
}
