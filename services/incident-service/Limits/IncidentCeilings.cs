using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.Limits;

/// <summary>
/// Which rate each open incident may have. The most severe, then the oldest, come first; those above a ceiling on their number raise nothing.
/// A tenant whose incidents keep more than they may is stepped down by half, all of them alike, and up again when there is room for twice as much.
/// </summary>
internal sealed class IncidentCeilings(IOptions<IncidentLimits> options)
{
    /// <summary>The lowest share of what was asked.</summary>
    public const double LowestShare = 1.0 / 64;

    /// <summary>What a step did is measured before the next one down.</summary>
    public static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(3);

    /// <summary>And for longer before one up.</summary>
    public static readonly TimeSpan UpAfter = TimeSpan.FromSeconds(10);

    /// <summary>Two steps may not take turns: up only when twice of what is kept now stays clear of the ceiling.</summary>
    private const double Headroom = 0.8;

    /// <param name="spansPerSecond">What an incident keeps now; 0 when nothing is known.</param>
    /// <param name="lastStep">When a tenant's rates were changed last.</param>
    /// <returns>By incident id, for each of <paramref name="open"/>.</returns>
    public IReadOnlyDictionary<string, RateGrant> Judge(
        IReadOnlyList<Incident> open, Func<string, double> spansPerSecond, IReadOnlyDictionary<TenantId, DateTimeOffset> lastStep, DateTimeOffset now)
    {
        var limits = options.Value;
        var shares = open.GroupBy(i => i.Tenant).ToDictionary(g => g.Key, g => Share([.. g], g.Sum(i => spansPerSecond(i.Id)), now - lastStep.GetValueOrDefault(g.Key)));
        var grants = new Dictionary<string, RateGrant>(StringComparer.Ordinal);
        var raised = new Dictionary<TenantId, int>();
        var all = 0;
        foreach (var incident in open.OrderByDescending(i => i.Severity).ThenBy(i => i.StartedAt).ThenBy(i => i.Id, StringComparer.Ordinal))
        {
            var own = raised.GetValueOrDefault(incident.Tenant);
            if (own >= limits.MaxRaisedPerTenant)
            {
                grants.Add(incident.Id, new RateGrant(0, $"more than {limits.MaxRaisedPerTenant} incidents of the tenant are open: sampling is not raised for this one"));
            }
            else if (all >= limits.MaxRaised)
            {
                grants.Add(incident.Id, new RateGrant(0, $"more than {limits.MaxRaised} incidents are open: sampling is not raised for this one"));
            }
            else
            {
                var (share, why) = shares[incident.Tenant];
                grants.Add(incident.Id, new RateGrant(incident.SamplingRate * share, why));
                raised[incident.Tenant] = own + 1;
                all++;
            }
        }

        return grants;
    }

    private (double Share, string Why) Share(List<Incident> open, double spansPerSecond, TimeSpan sinceLastStep)
    {
        var ceiling = options.Value.MaxExtraSpansPerSecondPerTenant;
        var share = open.Where(i => i.EffectiveRate > 0).Select(i => i.EffectiveRate / i.SamplingRate).DefaultIfEmpty(1).Min();
        if (spansPerSecond > ceiling && share > LowestShare && sinceLastStep > DownAfter)
        {
            return (Math.Max(share / 2, LowestShare), $"the tenant's incidents keep {spansPerSecond:0} spans per second, above their ceiling of {ceiling}: half of what was kept is kept");
        }

        return share < 1 && spansPerSecond * 2 < ceiling * Headroom && sinceLastStep > UpAfter
            ? (Math.Min(share * 2, 1), $"the tenant's incidents keep {spansPerSecond:0} spans per second, well below their ceiling of {ceiling}: twice as much is kept")
            : (share, "there is room again");
    }
}
