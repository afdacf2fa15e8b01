using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.retention</c>: how long the archive keeps what it gets, and how much of it. Of what a side leaves out, what it comes to counts.</summary>
internal static class RetentionDiff
{
    public static void Add(ChangeList changes, IReadOnlyList<RetentionTier> was, IReadOnlyList<RetentionTier> now)
    {
        foreach (var (before, after) in NamedPairs.Of(was, now, t => t.Name, (_, _) => false))
        {
            var path = $"spec.retention.{(after ?? before)!.Name}";
            switch (before, after)
            {
                case ({ } b, { } a):
                    Tier(changes, path, b, a);
                    break;

                // What has no rule is kept for ever: a rule is what makes it go.
                case (null, { } a):
                    changes.Add(path, null, Words.Of(a.Keep), ChangeRisk.ShortensRetention, $"tier '{a.Name}', kept for ever, is kept {Words.Of(a.Keep)}");
                    break;
                case ({ } b, null):
                    changes.Add(path, Words.Of(b.Keep), null, ChangeRisk.RaisesLimit, $"tier '{b.Name}', kept {Words.Of(b.Keep)}, is kept for ever");
                    break;
            }
        }
    }

    private static void Tier(ChangeList changes, string path, RetentionTier was, RetentionTier now)
    {
        changes.Fall(path, $"tier '{now.Name}' is kept", was.Keep, now.Keep, Words.Of, ChangeRisk.ShortensRetention);
        Warm(changes, path, $"tier '{now.Name}' is hot", was.WarmAfter, now.WarmAfter);
        Bytes(changes, path, $"tier '{now.Name}' holds of a tenant", was.MaxBytes, now.MaxBytes);
        foreach (var (tenant, signal, own) in Scopes(was, now))
        {
            var at = path + (tenant is null ? "" : $".tenants.{tenant}") + (signal is null ? "" : $".signals.{signal.Value.ToName()}");
            var what = $"tier '{now.Name}', {Whose(tenant, signal)}:";
            var (t, s) = (tenant ?? "", signal ?? Signal.Traces);
            if (own.Any(r => r.Keep is not null))
            {
                changes.Fall(at + ".keep", what + " kept", Keep(was, tenant, signal, t, s), Keep(now, tenant, signal, t, s), Words.Of, ChangeRisk.ShortensRetention);
            }

            if (own.Any(r => r.WarmAfter is not null))
            {
                Warm(changes, at, what + " hot", was.WarmAfterOf(t, s), now.WarmAfterOf(t, s));
            }

            if (own.Any(r => r.MaxBytes is not null))
            {
                Bytes(changes, at, what + " held", Limit(was, t, signal), Limit(now, t, signal));
            }
        }
    }

    /// <summary>Whom either side says something of, with what they say.</summary>
    private static IEnumerable<(string? Tenant, Signal? Signal, IReadOnlyList<RetentionRule> Own)> Scopes(RetentionTier was, RetentionTier now)
    {
        foreach (var tenant in was.Tenants.Keys.Union(now.Tenants.Keys).Order(StringComparer.Ordinal).Prepend(null))
        {
            if (tenant is not null)
            {
                yield return (tenant, null, [.. new[] { was, now }.Select(t => t.Tenants.GetValueOrDefault(tenant)?.Own).OfType<RetentionRule>()]);
            }

            foreach (var signal in SignalNames.All)
            {
                yield return (tenant, signal, [.. new[] { was, now }.Select(t => OfSignals(t, tenant)?.GetValueOrDefault(signal)).OfType<RetentionRule>()]);
            }
        }
    }

    private static IReadOnlyDictionary<Signal, RetentionRule>? OfSignals(RetentionTier tier, string? tenant) =>
        tenant is null ? tier.Signals : tier.Tenants.GetValueOrDefault(tenant)?.Signals;

    /// <summary>What a tenant keeps says nothing of signals that have a word of their own.</summary>
    private static TimeSpan Keep(RetentionTier tier, string? tenant, Signal? signal, string t, Signal s) =>
        signal is null && tenant is not null ? tier.Tenants.GetValueOrDefault(tenant)?.Own.Keep ?? tier.Keep : tier.KeepOf(t, s);

    private static long? Limit(RetentionTier tier, string tenant, Signal? signal) => signal is { } s ? tier.MaxBytesOf(tenant, s) : tier.MaxBytesOf(tenant);

    private static void Warm(ChangeList changes, string path, string what, TimeSpan? was, TimeSpan? now) =>
        changes.Value(path + ".warm_after", what, was is { } b ? Words.Of(b) : "always", now is { } a ? Words.Of(a) : "always", ChangeRisk.Harmless);

    private static void Bytes(ChangeList changes, string path, string what, long? was, long? now) => changes.Fall(
        path + ".max_bytes", what, was ?? long.MaxValue, now ?? long.MaxValue, b => b == long.MaxValue ? "without a bound" : Words.Size(b), ChangeRisk.ShortensRetention, ChangeRisk.RaisesLimit);

    private static string Whose(string? tenant, Signal? signal) => (tenant, signal) switch
    {
        (null, { } s) => s.ToName(),
        ({ } t, null) => $"tenant '{t}'",
        ({ } t, { } s) => $"{s.ToName()} of tenant '{t}'",
        _ => "all",
    };
}
