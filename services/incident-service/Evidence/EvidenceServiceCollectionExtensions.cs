using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.IncidentService.Evidence;

internal static class EvidenceServiceCollectionExtensions
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddIncidentEvidence(this IServiceCollection services)
    {
        services.AddSingleton<EvidenceTaskStore>();
        services.AddHostedService<EvidenceDispatcher>();
        var client = services.AddHttpClient(EvidenceDispatcher.HttpClientName, http =>
        {
            http.BaseAddress = new Uri($"http://{KnownServices.CaptureWorker}/");
            http.Timeout = s_patience;
        }).AddServiceToken();

        // Tasks have a retry of their own, which outlives this process.
#pragma warning disable EXTEXP0001
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        return services;
    }
}
