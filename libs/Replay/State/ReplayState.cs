using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Replay.Batches;

namespace StellaOps.Telemetry.Replay.State;

/// <summary>How far a replay has come, and what it is a replay of: docs/replay.md. Holds no secret.</summary>
/// <param name="Schema">Always <see cref="SchemaId"/>.</param>
/// <param name="Subject">What must not change while it goes on.</param>
/// <param name="Batching">How the bundle is cut; the first run decides.</param>
/// <param name="ShiftNanoseconds">Added to every time, decimal; the first run decides.</param>
/// <param name="IsMarkUnderstood">Whether the endpoint is a gateway of ours; null before it was asked.</param>
/// <param name="Acknowledged">Batches that the endpoint has acknowledged: all below this ordinal.</param>
/// <param name="FinishedAt">When the last one was; null while there are more.</param>
public sealed record ReplayState(
    string Schema,
    string ReplayId,
    ReplaySubject Subject,
    ReplayBatching Batching,
    string ShiftNanoseconds,
    DateTimeOffset StartedAt,
    DateTimeOffset UpdatedAt,
    bool? IsMarkUnderstood,
    long Acknowledged,
    IReadOnlyList<ReplaySignalState> Signals,
    DateTimeOffset? FinishedAt)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/replay-state/v1";
}

/// <summary>What a replay is of and where it goes: a state is good for exactly this.</summary>
/// <param name="ArchiveHash">Of the bundle.</param>
/// <param name="Protocol"><c>http</c> or <c>grpc</c>.</param>
/// <param name="Tenant">Null where the endpoint takes it from a token that nobody here can read.</param>
/// <param name="Shift">As it was asked for, such as <c>now</c> or <c>+2h</c>; null: none.</param>
/// <param name="IsUnmarked">The records carry no attribute, though the endpoint does not understand the mark.</param>
public sealed record ReplaySubject(string ArchiveHash, string Endpoint, string Protocol, string? Tenant, string? Shift, bool IsUnmarked);

/// <summary>What the endpoint answered so far, of one signal.</summary>
public sealed record ReplaySignalState(Signal Signal, long Sent, long Accepted, long Rejected);

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web,
    WriteIndented = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ReplayState))]
internal sealed partial class ReplayStateJson : JsonSerializerContext;
