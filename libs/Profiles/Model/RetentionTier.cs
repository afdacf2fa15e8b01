using System.Collections.Frozen;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Profiles.Model;

/// <summary>How long a tier of the archive is kept, and how much of it: of everybody, of a signal, of a tenant, of a tenant's signal.</summary>
/// <param name="Name"><c>sampled</c> or <c>promoted</c>; one that no chunk has does nothing.</param>
/// <param name="Keep">What is older goes.</param>
public sealed record RetentionTier(string Name, TimeSpan Keep)
{
    /// <summary>What is older is rewritten smaller; null: nothing is.</summary>
    public TimeSpan? WarmAfter { get; init; }

    /// <summary>Above these bytes a tenant's oldest goes; null: no bound.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>What differs for single signals.</summary>
    public IReadOnlyDictionary<Signal, RetentionRule> Signals { get; init; } = FrozenDictionary<Signal, RetentionRule>.Empty;

    /// <summary>What differs for single tenants, by their names.</summary>
    public IReadOnlyDictionary<string, TenantRetention> Tenants { get; init; } = FrozenDictionary<string, TenantRetention>.Empty;

    /// <summary>How long a tenant's signal is kept. The nearest word counts: of the tenant's signal, the tenant, the signal, the tier.</summary>
    public TimeSpan KeepOf(string tenant, Signal signal) => Nearest(tenant, signal, r => r.Keep) ?? Keep;

    /// <summary>When a tenant's signal is rewritten smaller; null: never.</summary>
    public TimeSpan? WarmAfterOf(string tenant, Signal signal) => Nearest(tenant, signal, r => r.WarmAfter) ?? WarmAfter;

    /// <summary>The most bytes of all signals of a tenant together; null: no bound.</summary>
    public long? MaxBytesOf(string tenant) => Tenants.GetValueOrDefault(tenant)?.Own.MaxBytes ?? MaxBytes;

    /// <summary>The most bytes of one signal of a tenant; null: no bound beside that of all signals.</summary>
    public long? MaxBytesOf(string tenant, Signal signal) =>
        Tenants.GetValueOrDefault(tenant)?.Signals.GetValueOrDefault(signal)?.MaxBytes ?? Signals.GetValueOrDefault(signal)?.MaxBytes;

    private TimeSpan? Nearest(string tenant, Signal signal, Func<RetentionRule, TimeSpan?> of)
    {
        var own = Tenants.GetValueOrDefault(tenant);
        return (own?.Signals.GetValueOrDefault(signal) is { } nearest ? of(nearest) : null)
            ?? (own is not null ? of(own.Own) : null)
            ?? (Signals.GetValueOrDefault(signal) is { } signals ? of(signals) : null);
    }
}

/// <summary>What differs from a wider rule; null: nothing does.</summary>
public sealed record RetentionRule(TimeSpan? Keep, TimeSpan? WarmAfter, long? MaxBytes);

/// <summary>What differs for a tenant, and for single signals of it.</summary>
public sealed record TenantRetention(RetentionRule Own, IReadOnlyDictionary<Signal, RetentionRule> Signals);
