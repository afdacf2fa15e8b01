using Microsoft.Extensions.DependencyInjection.Extensions;
using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.CaptureWorker.Signing;

/// <summary>Registers the signing of bundles.</summary>
internal static class SigningServiceCollectionExtensions
{
    public static IServiceCollection AddEvidenceSigning(this IServiceCollection services)
    {
        services.TryAddSingleton<IHostResolver, SystemHostResolver>();
        services.TryAddSingleton<EgressInstruments>();
        services.TryAddSingleton(s => new EgressDialer(EgressPolicy.Open, s.GetRequiredService<IHostResolver>(), s.GetRequiredService<EgressInstruments>()));
        services.AddSingleton<HttpTimestampClient>();
        services.AddSingleton<EvidenceSigner>();
        return services;
    }
}
