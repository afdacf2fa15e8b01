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
    DateTimeOffset RequestedAt);

/// <summary>A gateway and the configuration in force there.</summary>
/// <param name="ProfileHash">Null when it did not answer.</param>
internal sealed record ProvenanceGateway(string GatewayId, bool Answered, string? ProfileHash, string? LogFromUnixNano, long PromotedRecords);

/// <summary>
/// What the gateways' ledgers say of the minutes that the window touches. A window that cuts a minute in two has fewer records than its
/// minutes.
/// </summary>
/// <param name="AcceptedInMinutes">By signal, over all gateways that answered.</param>
internal sealed record ProvenanceCompleteness(IReadOnlyDictionary<string, long> AcceptedInMinutes, IReadOnlyList<ProvenanceLedger> Ledgers);

/// <summary>One gateway's rows.</summary>
internal sealed record ProvenanceLedger(string GatewayId, IReadOnlyList<LedgerRow> Rows);

/// <summary>A segment that was read.</summary>
internal sealed record ProvenanceChunk(string Key, string Sha256, string GatewayId, string Tier, long Records);

/// <summary>JSON of the provenance.</summary>
[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ProvenanceDocument))]
internal sealed partial class ProvenanceJson : JsonSerializerContext;
