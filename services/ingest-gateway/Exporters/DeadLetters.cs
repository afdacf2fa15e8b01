using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// What a store refused for good: the request as it was sent (<c>.otlp</c>) and, written last, why (<c>.json</c>). Named by frame and
/// sequence, so that a repeat after a crash replaces itself.
/// </summary>
internal sealed class DeadLetters(string dataPath, string exporter)
{
    private readonly string _folder = Path.Combine(dataPath, "deadletter", exporter);

    public void Write(ulong frame, ulong sequence, TenantId tenant, Signal signal, int records, string reason, DateTimeOffset at, ReadOnlySpan<byte> request)
    {
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var name = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{frame:d20}-{sequence:d20}-{signal.ToName()}"));
        DurableFile.Write(name + ".otlp", request);
        DurableFile.Write(
            name + ".json",
            JsonSerializer.SerializeToUtf8Bytes(new DeadLetter(tenant, signal, sequence, records, reason, at), Ledger.LedgerJson.Default.DeadLetter));
    }
}

/// <summary>Why a request lies here.</summary>
internal sealed record DeadLetter(TenantId Tenant, Signal Signal, ulong Sequence, int Records, string Reason, DateTimeOffset At);
