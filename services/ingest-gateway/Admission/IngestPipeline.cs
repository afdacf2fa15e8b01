using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.IngestGateway.Metrics;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>
/// What happens to a request whose sender is known, whichever protocol it came by: decompress, turn JSON into protobuf, judge, redact, append
/// to the log. Nothing is kept of a request that is refused at any step.
/// </summary>
internal sealed class IngestPipeline(GatewayOptions options, ProfileState profile, AdmissionGate gate, IBatchLog log, IngestInstruments instruments)
{
    private readonly InFlightBudget _budget = new(options.MaxInFlightBytes);
    private RequestTreatment _treatment = new(profile.Current, instruments);

    public IngestSettings Limits => profile.Current.Settings.Ingest;

    /// <summary>Before the body is read: whether it is taken at all. The ticket is to be disposed when the request was answered.</summary>
    public IngestStatus TryEnter(in SenderIdentity sender, out AdmissionTicket ticket, out TimeSpan retryAfter) => gate.TryEnter(sender.Tenant, out ticket, out retryAfter);

    /// <summary>For a body as it is sent.</summary>
    public PooledBody NewRequestBody() => new(_budget, Limits.MaxRequestBytes, IngestStatus.RequestTooLarge);

    public void OnRefused(Signal? signal, TenantId? tenant, IngestStatus status, int records, int bytes) =>
        instruments.OnRefused(signal, tenant, status, records, bytes);

    /// <summary>Takes the body, which stays the caller's, or tells why not. Counts either.</summary>
    public async ValueTask<IngestStatus> IngestAsync(Signal signal, SenderIdentity sender, AdmissionTicket ticket, PooledBody body, ContentEncoding encoding, bool isJson, CancellationToken cancellationToken)
    {
        var treatment = Treatment();
        PooledBody? decompressed = null;
        PooledBody? converted = null;
        PooledBody? redacted = null;
        var records = 0;
        var weight = body.Length;
        var isRepeated = false;
        IngestStatus status;
        try
        {
            var current = body;
            status = IngestStatus.Accepted;
            if (encoding != ContentEncoding.Identity && body.Length > 0)
            {
                decompressed = NewContentBody();
                status = BodyDecompressor.Decompress(encoding, body.Memory, decompressed);
                current = decompressed;
            }

            if (status == IngestStatus.Accepted && isJson)
            {
                converted = NewContentBody();
                status = treatment.FromJson(signal, current.Span, converted);
                current = converted;
            }

            weight = Math.Max(weight, current.Length);
            if (status == IngestStatus.Accepted)
            {
                status = treatment.Judge(signal, current.Span, out records);
            }

            // An empty request is a good one; there is nothing to log.
            if (status == IngestStatus.Accepted && records > 0)
            {
                redacted = NewContentBody();
                status = treatment.Redact(signal, sender.Tenant, current.Memory, redacted, out var safe);
                if (status == IngestStatus.Accepted)
                {
                    var outcome = await log.AppendAsync(new IngestBatch(sender.Tenant, signal, safe, records, sender.ReplayMark, treatment.Profile.Hash), cancellationToken);
                    isRepeated = outcome == AppendOutcome.AcceptedBefore;
                    status = StatusOf(outcome);
                }
            }
        }
        catch (BodyLimitException e)
        {
            status = e.Status;
        }
        finally
        {
            redacted?.Dispose();
            converted?.Dispose();
            decompressed?.Dispose();
        }

        ticket.Charge(records, weight);

        if (isRepeated)
        {
            instruments.OnRepeated(signal, sender.Tenant, records);
        }
        else if (status == IngestStatus.Accepted)
        {
            instruments.OnAccepted(signal, sender.Tenant, records, body.Length);
        }
        else
        {
            instruments.OnRefused(signal, sender.Tenant, status, records, body.Length);
        }

        return status;
    }

    /// <summary>Of the profile in force; two requests may both make it when that has changed.</summary>
    private RequestTreatment Treatment()
    {
        var treatment = Volatile.Read(ref _treatment);
        if (!ReferenceEquals(treatment.Profile, profile.Current))
        {
            treatment = new RequestTreatment(profile.Current, instruments);
            Volatile.Write(ref _treatment, treatment);
        }

        return treatment;
    }

    /// <summary>For a body as it is read: decompressed, converted or redacted.</summary>
    private PooledBody NewContentBody() => new(_budget, Limits.MaxDecompressedBytes, IngestStatus.DecompressedTooLarge);

    private static IngestStatus StatusOf(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Accepted or AppendOutcome.AcceptedBefore => IngestStatus.Accepted,
        AppendOutcome.ReplayConflict => IngestStatus.ReplayConflict,
        AppendOutcome.ReplayInFlight => IngestStatus.ReplayInFlight,
        AppendOutcome.TenantShareExceeded => IngestStatus.TenantShareExceeded,
        AppendOutcome.LogFull => IngestStatus.LogFull,
        AppendOutcome.DiskFailed => IngestStatus.DiskFailed,
        AppendOutcome.Stopping => IngestStatus.Stopping,
        _ => IngestStatus.Failed,
    };
}
