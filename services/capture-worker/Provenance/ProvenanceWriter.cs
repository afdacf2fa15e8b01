using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Promotion;
using StellaOps.Telemetry.CaptureWorker.Reading;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Canonical;

namespace StellaOps.Telemetry.CaptureWorker.Provenance;

/// <summary>Gathers what is known about a bundle. A service that cannot be asked is a named gap: evidence is not held up by a control plane.</summary>
internal sealed partial class ProvenanceWriter(
    IncidentClient incidents, ProfileClient profiles, IOptions<CaptureOptions> options, TimeProvider time, ILogger<ProvenanceWriter> logger)
{
    private const int MaxAuditEntries = 1000;
    private const int MaxIncidents = 100;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <param name="gaps">Takes what could not be asked.</param>
    /// <returns>Canonical JSON.</returns>
    public async Task<byte[]> WriteAsync(
        CaptureJob job,
        PromotionOutcome promotion,
        WindowContent content,
        ProvenanceCompleteness completeness,
        WrittenBundle bundle,
        List<string> gaps,
        CancellationToken cancellationToken)
    {
        var related = await AskAsync<IReadOnlyList<IncidentResponse>>(job, "incidents", ct => FindIncidentsAsync(job, ct), [], gaps, cancellationToken);
        var audit = await AskAsync<IReadOnlyList<AuditEntryResponse>>(job, "the audit trail", ct => FindAuditAsync(job, ct), [], gaps, cancellationToken);
        var acks = promotion.Acks.Values.OrderBy(a => a.GatewayId, StringComparer.Ordinal).ToList();
        var document = new ProvenanceDocument(
            ProvenanceDocument.SchemaId,
            new ProvenanceBundle(
                bundle.Name,
                bundle.ArchiveHash,
                bundle.Manifest.Signals.ToDictionary(s => s.Key, s => s.Value.Records),
                content.Signals.Where(s => s.Value.Copies + s.Value.Retransmitted > 0).ToDictionary(s => s.Key.ToName(), s => s.Value.Copies + s.Value.Retransmitted)),
            new ProvenanceRequest(
                job.Id,
                job.Tenant.Value,
                UnixNano.ToText(job.FromUnixNano),
                UnixNano.ToText(job.ToUnixNano),
                job.Services,
                job.TraceId,
                job.IncidentId,
                job.RequestedBy,
                job.RequestedAt,
                job.MaxContentBytes is { } bytes ? UnixNano.ToText(bytes) : null,
                job.MaxDurationSeconds),
            options.Value.WorkerName,
            time.GetUtcNow(),
            related,
            audit,
            [
                .. acks.Select(a => new ProvenanceGateway(a.GatewayId, true, a.Failure is null, a.Failure, a.ProfileHash, a.LogFromUnixNano, a.Records)),
                .. promotion.Silent.Select(g => new ProvenanceGateway(g, false, false, null, null, null, 0)),
            ],
            completeness,
            gaps,
            [.. content.Missing.Select(m => new ProvenanceMissingChunk(m.Key, m.Reason, m.Records))],
            [.. content.Chunks.Select(ToChunk)],
            content.Replays.Count > 0 ? content.Replays : null);
        return CanonicalJson.Serialize(document, ProvenanceJson.Default.ProvenanceDocument);
    }

    private static ProvenanceChunk ToChunk(ChunkManifest chunk) => new(chunk.SegmentKey, chunk.StoredSha256, chunk.GatewayId, chunk.Tier, chunk.Records);

    /// <summary>The incident that was named, and those of the tenant that overlap the window.</summary>
    private async Task<IReadOnlyList<IncidentResponse>> FindIncidentsAsync(CaptureJob job, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, IncidentResponse>(StringComparer.Ordinal);
        if (job.IncidentId is { } id)
        {
            var named = await incidents.GetAsync(id, cancellationToken);
            found[named.Id] = named;
        }

        var (from, to) = (UnixNano.ToTime(job.FromUnixNano), UnixNano.ToTime(job.ToUnixNano));
        string? cursor = null;
        do
        {
            var page = await incidents.ListAsync(job.Tenant, cursor, cancellationToken);
            foreach (var incident in page.Items.Where(i => i.Tenant == job.Tenant && i.StartedAt < to && (i.EndedAt ?? i.ExpiresAt) >= from))
            {
                found[incident.Id] = incident;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null && found.Count < MaxIncidents);

        return [.. found.Values.OrderBy(i => i.StartedAt).ThenBy(i => i.Id, StringComparer.Ordinal)];
    }

    /// <summary>The tenant's audit entries from the window's start until now, the request for this capture among them.</summary>
    private async Task<IReadOnlyList<AuditEntryResponse>> FindAuditAsync(CaptureJob job, CancellationToken cancellationToken)
    {
        var entries = new List<AuditEntryResponse>();
        string? cursor = null;
        do
        {
            var page = await profiles.ListAuditAsync(job.Tenant, UnixNano.ToTime(job.FromUnixNano), null, cursor, null, cancellationToken);
            entries.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null && entries.Count < MaxAuditEntries);

        return entries;
    }

    private async Task<T> AskAsync<T>(
        CaptureJob job, string what, Func<CancellationToken, Task<T>> ask, T otherwise, List<string> gaps, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            return await ask(patience.Token);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            || e.GetType().Namespace?.StartsWith("Polly", StringComparison.Ordinal) == true)
        {
            Log.Incomplete(logger, job.Id, what, e.Message);
            gaps.Add($"the provenance lacks {what}: {(e is OperationCanceledException ? "no answer in time" : e.Message)}");
            return otherwise;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProvenanceIncomplete, LogLevel.Warning, "capture {Id}: the provenance lacks {What}: {Reason}")]
        public static partial void Incomplete(ILogger logger, string id, string what, string reason);
    }
}
