using System.Buffers.Binary;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling;

/// <summary>What the sampler has to do, as plainly as it can be written: keeps every span, and judges each policy by its definition.</summary>
internal sealed class NaiveSampler(SamplingSettings settings)
{
    private readonly Queue<(ulong Sequence, TenantId Tenant, long At, string Service, TestSpan[] Spans)> _log = [];
    private readonly List<Trace> _open = [];
    private readonly Dictionary<(TenantId, ulong), Stamp?> _decided = [];
    private readonly Dictionary<string, (long Second, int Spans)> _limits = [];

    public Dictionary<(ulong Sequence, int Index), Stamp?> Fates { get; } = [];

    public void Append(ulong sequence, TenantId tenant, long at, string service, TestSpan[] spans) => _log.Enqueue((sequence, tenant, at, service, spans));

    /// <summary>Rate limits begin anew; nothing else is lost.</summary>
    public void Restart() => _limits.Clear();

    public void Pump(long now)
    {
        while (_log.TryDequeue(out var batch))
        {
            for (var i = 0; i < batch.Spans.Length; i++)
            {
                var key = (batch.Tenant, batch.Spans[i].Trace);
                if (_decided.TryGetValue(key, out var stamp))
                {
                    Fates.Add((batch.Sequence, i), stamp);
                    continue;
                }

                var trace = _open.Find(t => t.Key == key);
                if (trace is null)
                {
                    _open.Add(trace = new Trace(key, batch.At));
                }

                trace.Spans.Add((batch.Sequence, i, batch.Service, batch.Spans[i]));
            }

            while (_open.Count > settings.NumTraces)
            {
                Decide(_open[0], now);
            }
        }

        while (_open.Count > 0 && _open[0].At <= now - (settings.DecisionWait.Ticks * 100))
        {
            Decide(_open[0], now);
        }
    }

    private void Decide(Trace trace, long now)
    {
        var second = now / 1_000_000_000;
        var dropped = settings.Policies.OfType<DropPolicy>().Any(d => d.Policies.All(p => Judge(p, trace, second, out _) is "yes"));
        Stamp? stamp = null;
        if (!dropped)
        {
            var verdicts = settings.Policies.Where(p => p is not DropPolicy).Select(p => (Policy: p, Verdict: Judge(p, trace, second, out var rate), Rate: rate)).ToList();
            var best = verdicts.Where(v => v.Verdict == "yes" && !IsInverted(v.Policy)).OrderByDescending(v => v.Rate).FirstOrDefault();
            var inverted = verdicts.FirstOrDefault(v => v.Verdict == "yes" && IsInverted(v.Policy));
            stamp = verdicts.Any(v => v.Verdict == "no" && IsInverted(v.Policy)) ? null
                : best.Policy is not null ? new Stamp(best.Policy.Name, best.Rate, null)
                : inverted.Policy is not null && !verdicts.Any(v => v.Verdict == "no" && !IsInverted(v.Policy)) ? new Stamp(inverted.Policy.Name, 1, null)
                : null;
        }

        _open.Remove(trace);
        _decided.Add(trace.Key, stamp);
        trace.Spans.ForEach(s => Fates.Add((s.Sequence, s.Index), stamp));
    }

    private static bool IsInverted(SamplingPolicy policy) => policy is StringAttributePolicy { InvertMatch: true };

    private string Judge(SamplingPolicy policy, Trace trace, long second, out double rate)
    {
        rate = 1;
        var spans = trace.Spans.ConvertAll(s => s.Span);
        var isYes = policy switch
        {
            StatusCodePolicy p => spans.Exists(s => p.StatusCodes.Contains(s.StatusCode)),
            LatencyPolicy p => (spans.Max(s => s.End) - spans.Min(s => s.Start)) / 1_000_000 >= (ulong)p.Threshold.TotalMilliseconds,
            SpanCountPolicy p => spans.Count >= p.MinSpans && spans.Count <= p.MaxSpans,
            StringAttributePolicy { Key: "service.name" } p => trace.Spans.Exists(s => p.Values.Contains(s.Service)) != p.InvertMatch,
            StringAttributePolicy { EnabledRegexMatching: true } p => spans.Exists(s => s.Route is not null && p.Values.Any(v => Regex.IsMatch(s.Route, v))),
            StringAttributePolicy p => spans.Exists(s => s.Route is not null && p.Values.Contains(s.Route)) != p.InvertMatch,
            ProbabilisticPolicy p => TraceShare.Of(BinaryPrimitives.ReadUInt128BigEndian(SpanRequest.TraceId(trace.Key.Trace))) < (rate = p.SamplingPercentage / 100),
            RateLimitingPolicy p => Fits(p, spans.Count, second),
            AndPolicy p => p.Policies.All(s => Judge(s, trace, second, out _) == "yes"),
            _ => throw new NotSupportedException(policy.GetType().Name),
        };
        return isYes ? "yes" : "no";
    }

    private bool Fits(RateLimitingPolicy policy, int spans, long second)
    {
        var (inSecond, used) = _limits.GetValueOrDefault(policy.Name);
        used = inSecond == second ? used : 0;
        if (used + spans > policy.SpansPerSecond)
        {
            return false;
        }

        _limits[policy.Name] = (second, used + spans);
        return true;
    }

    private sealed record Trace((TenantId Tenant, ulong Trace) Key, long At)
    {
        public List<(ulong Sequence, int Index, string Service, TestSpan Span)> Spans { get; } = [];
    }
}
