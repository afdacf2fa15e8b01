using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Incidents;

namespace StellaOps.Telemetry.IngestGateway.Metrics;

/// <summary>
/// What the gateway's edge says of itself. Labels come from sets that senders do not control: signals, reasons, rules, registered tenants
/// (and of these a bounded number).
/// </summary>
internal sealed class IngestInstruments
{
    /// <summary>The meter; the pipeline behind the log has its own.</summary>
    public const string MeterName = "StellaOps.Telemetry.IngestGateway";

    /// <summary>Above it tenants share one label value: a label set is memory in every Prometheus that scrapes.</summary>
    private const int MaxTenantLabels = 1000;
    private const int MaxIncidentLabels = 1000;
    private const string Other = "other";

    private readonly Counter<long> _records;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _violations;
    private readonly Counter<long> _refusedBytes;
    private readonly Counter<long> _redactions;
    private readonly ConcurrentDictionary<TenantId, string> _tenantLabels = new();
    private readonly ConcurrentDictionary<(string Tenant, string Service), byte> _incidentLabels = new();
    private readonly IIncidentScopes _incidents;
    private readonly TimeProvider _time;
    private long _ownRefusals;

    public IngestInstruments(IMeterFactory meters, IIncidentScopes incidents, ProfileState profile, TimeProvider time)
    {
        _incidents = incidents;
        _time = time;
        var meter = meters.Create(MeterName);

        // Names as they come out of the Prometheus exporter: dots become underscores, counters get _total.
        _records = meter.CreateCounter<long>("telemetry.ingest.records", description: "Records of requests that were accepted or refused after they could be counted");
        _bytes = meter.CreateCounter<long>("telemetry.ingest.bytes", description: "Bytes of accepted requests as sent, before decompression");
        _violations = meter.CreateCounter<long>("telemetry.ingest.violations", description: "Requests that were refused, by reason");
        _refusedBytes = meter.CreateCounter<long>("telemetry.ingest.refused.bytes", description: "Bytes read of requests that were refused, by reason");
        _redactions = meter.CreateCounter<long>("telemetry.redactions", description: "Values that redaction changed, by rule");
        meter.CreateObservableGauge("telemetry.incident.mode", ObserveIncidents, description: "1 while an incident raises sampling of this tenant and service (* for all), 0 after");
        meter.CreateObservableGauge("telemetry.profile.info", () => InfoOf(profile.Current), description: "The profile in force");
        meter.CreateObservableGauge("telemetry.profile.refused", () => profile.Refused is null && profile.RefusedDeployment is null ? 0 : 1, description: "1 while a changed profile or a deployment waits that was refused");
    }

    /// <summary>Requests that were refused since the start for a reason of this gateway's own, not for a sender's fault.</summary>
    public long OwnRefusals => Interlocked.Read(ref _ownRefusals);

    public void OnAccepted(Signal signal, TenantId tenant, int records, int bytes)
    {
        var label = Label(tenant);
        _records.Add(records, new("signal", signal.ToName()), new("tenant", label), new("outcome", "accepted"));
        _bytes.Add(bytes, new("signal", signal.ToName()), new KeyValuePair<string, object?>("tenant", label));
    }

    /// <summary>A replay's batch that came again: neither accepted a second time nor refused.</summary>
    public void OnRepeated(Signal signal, TenantId tenant, int records) =>
        _records.Add(records, new("signal", signal.ToName()), new("tenant", Label(tenant)), new("outcome", "repeated"));

    /// <param name="records">0 when the request was refused before its records could be counted.</param>
    public void OnRefused(Signal? signal, TenantId? tenant, IngestStatus status, int records, int bytes)
    {
        if (status >= IngestStatus.NotReady)
        {
            Interlocked.Increment(ref _ownRefusals);
        }

        var reason = new KeyValuePair<string, object?>("reason", IngestAnswers.For(status).Reason);
        _violations.Add(1, reason);
        _refusedBytes.Add(bytes, reason);
        if (records > 0 && signal is { } s && tenant is { } t)
        {
            var tags = new TagList { { "signal", s.ToName() }, { "tenant", Label(t) }, { "outcome", "refused" } };
            _records.Add(records, tags);
        }
    }

    public void OnRedacted(string rule, long count) => _redactions.Add(count, new KeyValuePair<string, object?>("rule", rule));

    /// <summary>A profile of the machine's own file has no version of its own: the hash stands for it.</summary>
    private static Measurement<int> InfoOf(ProfileModel profile) => new(
        1,
        new("profile", profile.Settings.ProfileName),
        new("version", profile.Deployment?.Judgement.Closure.Version.ToString(CultureInfo.InvariantCulture) ?? profile.Settings.ProfileHash[..12]),
        new("hash", profile.Settings.ProfileHash));

    private string Label(TenantId tenant)
    {
        if (_tenantLabels.TryGetValue(tenant, out var label))
        {
            return label;
        }

        return _tenantLabels.Count >= MaxTenantLabels ? Other : _tenantLabels.GetOrAdd(tenant, t => t.Value);
    }

    private IEnumerable<Measurement<int>> ObserveIncidents()
    {
        var now = _time.GetUtcNow();
        var raised = new HashSet<(string, string)>();
        foreach (var incident in _incidents.Current.Active)
        {
            if (incident.ExpiresAt <= now)
            {
                continue;
            }

            foreach (var service in incident.Services.DefaultIfEmpty("*"))
            {
                var key = (incident.Tenant.Value, service);
                if (_incidentLabels.ContainsKey(key) || (_incidentLabels.Count < MaxIncidentLabels && _incidentLabels.TryAdd(key, 0)))
                {
                    raised.Add(key);
                }
            }
        }

        return _incidentLabels.Keys.Select(k => new Measurement<int>(raised.Contains(k) ? 1 : 0, new("tenant", k.Tenant), new("service", k.Service)));
    }
}
