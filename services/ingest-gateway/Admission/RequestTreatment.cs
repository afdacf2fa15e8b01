using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Metrics;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>The steps over a request's bytes under one profile, as the wire and redaction libraries take them. No I/O, no waiting.</summary>
internal sealed class RequestTreatment(ProfileModel profile, IngestInstruments instruments)
{
    /// <summary>Messages around a value at the deepest place, an exemplar's attribute of a metric, and some.</summary>
    private const int DepthAroundValues = 10;

    /// <summary>A map in a value is three messages: list, entry, value.</summary>
    private const int DepthPerLevel = 3;

    /// <summary>What stock protobuf parsers refuse; nothing may be logged that no store could read.</summary>
    private const int ParsersLimit = 100;

    private readonly OtlpLimits _limits = new()
    {
        MaxDepth = Math.Min(DepthAroundValues + (DepthPerLevel * profile.Settings.Ingest.MaxDepth), ParsersLimit),
        MaxValueDepth = profile.Settings.Ingest.MaxDepth,
        MaxRecords = profile.Settings.Ingest.MaxRecordsPerRequest,
    };

    private readonly Redactor? _redactor = profile.Redaction is { } policy ? new Redactor(policy) : null;

    private readonly ThreadLocal<RedactionCounters?> _counters = new(() => profile.Redaction is { } policy ? new RedactionCounters(policy) : null);

    /// <summary>The profile that this is the treatment of.</summary>
    public ProfileModel Profile => profile;

    /// <summary>Turns OTLP/JSON into protobuf.</summary>
    public IngestStatus FromJson(Signal signal, ReadOnlySpan<byte> json, PooledBody output) =>
        OtlpJson.TryToProtobuf((OtlpSignal)signal, json, _limits, output, out _) ? IngestStatus.Accepted : IngestStatus.Malformed;

    /// <summary>Judges the bytes and counts the records.</summary>
    public IngestStatus Judge(Signal signal, ReadOnlySpan<byte> request, out int records) =>
        OtlpRequestValidator.Validate((OtlpSignal)signal, request, _limits, out records) switch
        {
            OtlpOutcome.Valid => IngestStatus.Accepted,
            OtlpOutcome.TooDeep => IngestStatus.TooDeep,
            OtlpOutcome.TooManyRecords => IngestStatus.TooManyRecords,
            _ => IngestStatus.Malformed,
        };

    /// <summary>Redacts; <paramref name="safe"/> is the request itself where nothing had to be changed, else in <paramref name="output"/>.</summary>
    public IngestStatus Redact(Signal signal, TenantId tenant, ReadOnlyMemory<byte> request, PooledBody output, out ReadOnlyMemory<byte> safe)
    {
        safe = request;
        if (_redactor is null)
        {
            return IngestStatus.Accepted;
        }

        var counters = _counters.Value!;
        switch (_redactor.Redact((OtlpSignal)signal, tenant.Value, request.Span, output, counters))
        {
            case RedactionOutcome.Unchanged:
                return IngestStatus.Accepted;
            case RedactionOutcome.Changed:
                safe = output.Memory;
                Fold(counters);
                return IngestStatus.Accepted;
            default:
                return IngestStatus.Malformed;
        }
    }

    private void Fold(RedactionCounters counters)
    {
        for (var i = 0; i < counters.Rules.Count; i++)
        {
            if (counters[i] > 0)
            {
                instruments.OnRedacted(counters.Rules[i], counters[i]);
            }
        }

        counters.Clear();
    }
}
