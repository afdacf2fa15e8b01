using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Registers the pipeline.</summary>
internal static class GatewayPipelineServiceCollectionExtensions
{
    /// <summary>
    /// Adds log, sampler, exporters, ledger and promotion; started and stopped with the host. Expects an <c>IIncidentScopes</c>; register the
    /// listeners after it, so that they stop first.
    /// </summary>
    public static IServiceCollection AddGatewayPipeline(
        this IServiceCollection services, GatewaySettings settings, GatewayPipelineOptions options, IObjectStore archive)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GatewayPipeline>(provider, settings, options, archive));
        services.AddHostedService(provider => provider.GetRequiredService<GatewayPipeline>());
        services.AddSingleton<IBatchLog>(provider => provider.GetRequiredService<GatewayPipeline>().Log);
        services.AddSingleton<IPipelineStatus>(provider => provider.GetRequiredService<GatewayPipeline>());
        return services;
    }
}
