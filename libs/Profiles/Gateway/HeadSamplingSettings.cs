namespace StellaOps.Telemetry.Profiles.Gateway;

/// <summary>
/// Head sampling while no incident raises it: the share of new traces that SDKs begin. What they do not begin no gateway can bring back, so by
/// default they begin all.
/// </summary>
/// <param name="Rate">0 to 1, of every service that has none of its own.</param>
/// <param name="Services">By <c>service.name</c>.</param>
/// <param name="Tenants">By the tenant's name; what it leaves out is that of everybody.</param>
public sealed record HeadSamplingSettings(double Rate, IReadOnlyDictionary<string, double> Services, IReadOnlyDictionary<string, TenantHeadSampling> Tenants)
{
    /// <summary>The longest <c>service.name</c> that has a rate of its own, as long as one that an incident may name.</summary>
    public const int MaxServiceName = 255;

    /// <summary>SDKs begin every trace.</summary>
    public static HeadSamplingSettings All { get; } = new(1, new SortedDictionary<string, double>(), new SortedDictionary<string, TenantHeadSampling>());

    /// <summary>Whether it says nothing that <see cref="All"/> does not say.</summary>
    public bool IsDefault => Rate == 1 && Services.Count == 0 && Tenants.Count == 0;

    /// <summary>The rate of one service of one tenant: the tenant's own for it, the tenant's, the service's, everybody's.</summary>
    public double Of(string tenant, string service) =>
        Tenants.TryGetValue(tenant, out var own) && own.Of(service) is { } rate ? rate : Services.GetValueOrDefault(service, Rate);
}

/// <summary>Head sampling of one tenant.</summary>
/// <param name="Rate">Of all its services that have none of their own here; null: that of everybody.</param>
/// <param name="Services">By <c>service.name</c>.</param>
public sealed record TenantHeadSampling(double? Rate, IReadOnlyDictionary<string, double> Services)
{
    /// <summary>Null where the tenant has no rate of its own for the service.</summary>
    public double? Of(string service) => Services.TryGetValue(service, out var rate) ? rate : Rate;
}
