using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.CaptureWorker.Provenance;

/// <summary>
/// <c>&lt;name&gt;.provenance.json</c>: everything about a bundle that does not follow from its records. RFC 8785 form; times in nanoseconds
/// are decimal text.
/// </summary>
/// <param name="Replays">Ids of the replays that records came by: those are not seen for the first time. Null when there are none.</param>
internal sealed record ProvenanceDocument(
    string Schema,
    ProvenanceBundle Bundle,
    ProvenanceRequest Request,
    string Worker,
    DateTimeOffset CapturedAt,
    IReadOnlyList<IncidentResponse> Incidents,
    IReadOnlyList<AuditEntryResponse> Audit,
    IReadOnlyList<ProvenanceGateway> Gateways,
    ProvenanceCompleteness Completeness,
    IReadOnlyList<string> Gaps,
    IReadOnlyList<ProvenanceMissingChunk> MissingChunks,
    IReadOnlyList<ProvenanceChunk> Chunks,
    IReadOnlyCollection<string>? Replays)
{
    public const string SchemaId = "https://stella-ops.org/telemetry/bundle-provenance/v1";
}

/// <summary>The archive.</summary>
internal sealed record ProvenanceBundle(string Name, string ArchiveHash, IReadOnlyDictionary<string, long> Records, IReadOnlyDictionary<string, long> DuplicatesRemoved);

/// <summary>What was asked for, and by whom.</summary>
internal sealed record ProvenanceRequest(
    string Id,
    string Tenant,
    string FromUnixNano,
    string ToUnixNano,
    IReadOnlyList<string> Services,
    string? TraceId,
    string? IncidentId,
    string RequestedBy,
    DateTimeOffset RequestedAt,
    string? MaxContentBytes,
    int? MaxDurationSeconds);

/// <summary>A gateway and the configuration in force there.</summary>
/// <param name="Settled">Whether it said that it accepts nothing any more with a time before the window's end, and copied what its log held of the window.</param>
/// <param name="Failure">Why it could not copy.</param>
/// <param name="ProfileHash">Null when it did not answer.</param>
internal sealed record ProvenanceGateway(string GatewayId, bool Answered, bool Settled, string? Failure, string? ProfileHash, string? LogFromUnixNano, long PromotedRecords);

/// <summary>Whether the bundle holds all that gateways accepted of what was asked for, and how that is known.</summary>
/// <param name="Reasons">Why not; empty when it does.</param>
/// <param name="Signals">The account of each signal of which anything was accepted or read.</param>
internal sealed record ProvenanceCompleteness(bool Complete, IReadOnlyList<string> Reasons, IReadOnlyDictionary<string, ProvenanceAccount> Signals, IReadOnlyList<ProvenanceLedger> Ledgers);

/// <summary>
/// One signal's records. Ledgers count whole minutes of acceptance, so their numbers are of all minutes that the window touches: accepted =
/// kept + sampledOut + dropped + undecided.
/// </summary>
/// <param name="AcceptedWithin">Of the minutes that lie in the window as a whole.</param>
/// <param name="Read">Accepted in the window and found in the archive, each once, whatever services or trace were asked for.</param>
/// <param name="Captured">In the bundle.</param>
/// <param name="Copies">Our own further copies of captured records.</param>
/// <param name="Retransmitted">Captured records that senders had sent again.</param>
internal sealed record ProvenanceAccount(
    long Accepted, long Kept, long SampledOut, long Dropped, long Undecided, long AcceptedWithin, long Read, long Captured, long Copies, long Retransmitted);

/// <summary>One gateway's rows.</summary>
internal sealed record ProvenanceLedger(string GatewayId, IReadOnlyList<LedgerRow> Rows);

/// <summary>A segment, or a manifest, of the window that could not be read.</summary>
/// <param name="Records">What its manifest counts; absent when that cannot be read either.</param>
internal sealed record ProvenanceMissingChunk(string Key, string Reason, long? Records);

/// <summary>A segment that was read.</summary>
internal sealed record ProvenanceChunk(string Key, string Sha256, string GatewayId, string Tier, long Records);

/// <summary>JSON of the provenance.</summary>
[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ProvenanceDocument))]
internal sealed partial class ProvenanceJson : JsonSerializerContext;
