using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.IncidentService.Usage;

/// <summary>What gateways report that incidents keep. Known since this process started; a gateway's counts begin anew with it, and are added up here.</summary>
internal sealed class IncidentUsageState(TimeProvider time)
{
    /// <summary>A gateway that has said nothing for this long keeps nothing, as far as rates go.</summary>
    private static readonly TimeSpan s_stale = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Gateway> _gateways = new(StringComparer.Ordinal);

    public void Take(IncidentUsageReport report)
    {
        lock (_gate)
        {
            if (!_gateways.TryGetValue(report.GatewayId, out var gateway))
            {
                _gateways.Add(report.GatewayId, gateway = new Gateway(report));
            }

            gateway.Take(report, time.GetTimestamp());
        }
    }

    public double SpansPerSecond(string incidentId) => CostOf(incidentId)?.SpansPerSecond ?? 0;

    /// <summary>Null when no gateway has kept anything for it.</summary>
    public IncidentCost? CostOf(string incidentId)
    {
        lock (_gate)
        {
            var (records, bytes, recordRate, byteRate) = (0L, 0L, 0.0, 0.0);
            DateTimeOffset? measuredAt = null;
            foreach (var gateway in _gateways.Values)
            {
                if (gateway.TotalOf(incidentId) is not { } total)
                {
                    continue;
                }

                (records, bytes) = (records + total.Records, bytes + total.Bytes);
                measuredAt = measuredAt is { } at && at > gateway.MeasuredAt ? at : gateway.MeasuredAt;
                if (time.GetElapsedTime(gateway.HeardAt) < s_stale)
                {
                    var rate = gateway.RateOf(incidentId);
                    (recordRate, byteRate) = (recordRate + rate.Records, byteRate + rate.Bytes);
                }
            }

            return measuredAt is { } measured ? new IncidentCost(Math.Round(recordRate, 1), Math.Round(byteRate, 1), records, bytes, measured) : null;
        }
    }

    private sealed class Gateway(IncidentUsageReport first)
    {
        private readonly Dictionary<string, IncidentKept> _before = new(StringComparer.Ordinal);
        private IncidentUsageReport _last = first;
        private IncidentUsageReport _previous = first;

        public long HeardAt { get; private set; }

        public DateTimeOffset MeasuredAt => _last.MeasuredAt;

        public void Take(IncidentUsageReport report, long now)
        {
            if (report.StartedAt == _last.StartedAt && report.MeasuredAt <= _last.MeasuredAt)
            {
                HeardAt = HeardAt == 0 ? now : HeardAt;
                return;
            }

            if (report.StartedAt != _last.StartedAt)
            {
                foreach (var (id, kept) in _last.Incidents)
                {
                    var before = _before.GetValueOrDefault(id);
                    _before[id] = new IncidentKept((before?.Records ?? 0) + kept.Records, (before?.Bytes ?? 0) + kept.Bytes);
                }

                _last = report with { MeasuredAt = report.StartedAt, Incidents = new Dictionary<string, IncidentKept>() };
            }

            // What the gateway itself has forgotten ended long ago.
            foreach (var id in _before.Keys.Where(id => !report.Incidents.ContainsKey(id) && !_last.Incidents.ContainsKey(id)).ToList())
            {
                _before.Remove(id);
            }

            (_previous, _last, HeardAt) = (_last, report, now);
        }

        public IncidentKept? TotalOf(string id)
        {
            var (before, now) = (_before.GetValueOrDefault(id), _last.Incidents.GetValueOrDefault(id));
            return before is null && now is null ? null : new IncidentKept((before?.Records ?? 0) + (now?.Records ?? 0), (before?.Bytes ?? 0) + (now?.Bytes ?? 0));
        }

        public (double Records, double Bytes) RateOf(string id)
        {
            var seconds = (_last.MeasuredAt - _previous.MeasuredAt).TotalSeconds;
            var (before, now) = (_previous.Incidents.GetValueOrDefault(id), _last.Incidents.GetValueOrDefault(id));
            return seconds <= 0 || now is null ? (0, 0) : (Math.Max(0, now.Records - (before?.Records ?? 0)) / seconds, Math.Max(0, now.Bytes - (before?.Bytes ?? 0)) / seconds);
        }
    }
}
