using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

/// <summary>A folder of its own, a clock, and settings to change.</summary>
internal sealed class PipelineFixture : IDisposable
{
    public static readonly TenantId Acme = TenantId.Parse("acme");
    public static readonly TenantId Globex = TenantId.Parse("globex");

    /// <summary>Connects everywhere.</summary>
    public static readonly EgressDialer OpenDialer = new(EgressPolicy.Open, new SystemHostResolver(), null);

    /// <summary>A profile's hash.</summary>
    public static readonly byte[] Profile = new byte[32];

    public string Folder { get; init; } = Directory.CreateTempSubdirectory("stella-gateway-").FullName;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    public GatewaySettings Settings { get; set; } = new(
        "test",
        new string('a', 64),
        "baseline",
        Durability.Write,
        new IngestSettings(4 << 20, 16 << 20, 32, 100_000),
        new RecorderSettings(TimeSpan.FromMinutes(15), 16 << 20, 1 << 20, 1.0),
        new SamplingSettings(TimeSpan.FromSeconds(5), 10_000, [new StatusCodePolicy("errors", [2]), new ProbabilisticPolicy("ten-percent", 10)]),
        [new ArchiveExporterSettings("archive", 1 << 20, TimeSpan.FromMinutes(1))]);

    /// <summary>Nothing waits on the clock that stands.</summary>
    public GatewayPipelineOptions Options => new() { GatewayId = "gw-1", DataPath = Folder, ExportLinger = TimeSpan.Zero };

    public BatchLog OpenLog(ulong nextAtLeast = 1) => new(Settings, Options, nextAtLeast, Time, NullLogger<BatchLog>.Instance);

    /// <summary>A batch of bytes that stand for a request.</summary>
    public static IngestBatch Batch(int length, TenantId? tenant = null, byte fill = 7)
    {
        var payload = new byte[length];
        Array.Fill(payload, fill);
        return new IngestBatch(tenant ?? Acme, Signal.Logs, payload, 1, null, Profile);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
