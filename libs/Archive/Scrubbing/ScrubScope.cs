using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Scrubbing;

/// <summary>What a scrub looks at.</summary>
/// <param name="Tenant">Null: every one.</param>
/// <param name="From">First day, inclusive; null: the first there is.</param>
/// <param name="To">Last day, inclusive; null: the last there is.</param>
public sealed record ScrubScope(TenantId? Tenant = null, DateOnly? From = null, DateOnly? To = null)
{
    internal bool Has(DateOnly day) => (From is not { } from || day >= from) && (To is not { } to || day <= to);
}

/// <summary>How a scrub goes about it.</summary>
/// <param name="KnownHead">The newest root of a tenant that is known from elsewhere; null when none is.</param>
/// <param name="Settle">How long after an hour's end its segments may still lack their manifests: a gateway that died writes them again when it is back.</param>
/// <param name="Patience">How long a segment without manifest is given before it is judged: its writer may be about to put it.</param>
/// <param name="BytesPerSecond">At most so much is read; null: as fast as it goes.</param>
public sealed record ScrubManner(Func<TenantId, RootHead?> KnownHead, TimeSpan Settle, TimeSpan Patience, long? BytesPerSecond = null)
{
    /// <summary>For one who waits, knows nothing from elsewhere, and has the archive to oneself.</summary>
    public static ScrubManner Plain { get; } = new(_ => null, TimeSpan.FromDays(1), TimeSpan.Zero);
}

/// <summary>How far a scrub is: everything up to this tenant and day is done.</summary>
/// <param name="DoneBytes">Of <paramref name="TotalBytes"/> stored bytes.</param>
public sealed record ScrubCursor(string Tenant, DateOnly Day, long DoneBytes, long TotalBytes);
