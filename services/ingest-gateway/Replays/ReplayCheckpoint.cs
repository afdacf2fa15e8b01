using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Replays;

/// <summary>The register as it stood: all marked batches up to the sequence, and maybe some behind it.</summary>
internal sealed record ReplayCheckpoint(ulong Sequence, IReadOnlyList<ReplayRow> Replays);

/// <summary>One replay. Times are unix nanoseconds.</summary>
internal sealed record ReplayRow(TenantId Tenant, string ReplayId, long FirstAcceptedAt, long LastAcceptedAt, long Repeated, IReadOnlyList<ReplayRun> Runs);

/// <summary>Batches with ordinals one after the other, of one signal and as many records each.</summary>
internal sealed record ReplayRun(long Ordinal, int Count, Signal Signal, int Records);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReplayCheckpoint))]
internal sealed partial class ReplaysJson : JsonSerializerContext;
