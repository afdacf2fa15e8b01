using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>spec.sampling.head</c>: what SDKs begin.</summary>
internal static class HeadSamplingReader
{
    private const string RateForm = "a share from 0 to 1, such as 0.1";

    public static HeadSamplingSettings Read(YamlSection head)
    {
        var rate = head.Read("rate", SamplingScalars.ShareOrNone, RateForm, HeadSamplingSettings.All.Rate);
        var services = Services(head);
        var tenants = TenantSections.Read(head, t => new TenantHeadSampling(t.Optional<double>("rate", SamplingScalars.ShareOrNone, RateForm), Services(t)));
        head.Done();
        return new HeadSamplingSettings(rate, services, tenants);
    }

    private static SortedDictionary<string, double> Services(YamlSection parent)
    {
        var services = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var named = parent.Section("services");
        foreach (var name in named.Keys)
        {
            if (name.Length is 0 or > HeadSamplingSettings.MaxServiceName)
            {
                named.Fault(name, $"a service.name of {name.Length} characters", $"write 1 to {HeadSamplingSettings.MaxServiceName}");
            }

            services[name] = named.Read(name, SamplingScalars.ShareOrNone, RateForm, HeadSamplingSettings.All.Rate);
        }

        named.Done();
        return services;
    }
}
