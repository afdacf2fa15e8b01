namespace StellaOps.Telemetry.CaptureWorker.Signing;

/// <summary>Registers the signing of bundles. The dialer is there already.</summary>
internal static class SigningServiceCollectionExtensions
{
    public static IServiceCollection AddEvidenceSigning(this IServiceCollection services)
    {
        services.AddSingleton<HttpTimestampClient>();
        services.AddSingleton<EvidenceSigner>();
        return services;
    }
}
