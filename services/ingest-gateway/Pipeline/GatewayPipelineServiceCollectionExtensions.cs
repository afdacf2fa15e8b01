using Microsoft.Extensions.DependencyInjection.Extensions;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Promotion;
using StellaOps.Telemetry.IngestGateway.Replays;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.ServiceDefaults.Egress;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Registers the pipeline.</summary>
internal static class GatewayPipelineServiceCollectionExtensions
{
    /// <summary>
    /// Adds log, sampler, exporters, ledger and promotion; started and stopped with the host. Expects an <c>IIncidentScopes</c> and the archive's
    /// <c>IObjectStore</c>; register the listeners after it, so that they stop first.
    /// </summary>
    public static IServiceCollection AddGatewayPipeline(
        this IServiceCollection services, GatewaySettings settings, GatewayPipelineOptions options)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<GatewayPipelineInstruments>();
        services.AddStellaEgress(_ => settings.Sealed.ToPolicy());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GatewayPipeline>(provider, settings, options));
        services.AddHostedService(provider => provider.GetRequiredService<GatewayPipeline>());
        services.AddSingleton<IProfileFollower>(provider => provider.GetRequiredService<GatewayPipeline>());
        services.AddSingleton(provider => provider.GetRequiredService<GatewayPipeline>().Replays);
        services.AddSingleton<IBatchLog>(provider => provider.GetRequiredService<ReplayRegister>());
        services.AddSingleton<IPromoter>(provider => provider.GetRequiredService<GatewayPipeline>().Promoter);
        services.AddSingleton<IDecisionLookup>(provider => provider.GetRequiredService<GatewayPipeline>().Sampler);
        services.AddSingleton(provider => provider.GetRequiredService<GatewayPipeline>().DeadLetters);
        services.AddSingleton(provider => provider.GetRequiredService<GatewayPipeline>().IncidentUsage);
        services.AddSingleton<ILedger>(provider => provider.GetRequiredService<GatewayPipeline>().Ledger);
        services.AddHealthChecks().AddCheck<PipelineHealthCheck>("log");
        services.AddSingleton<IPipelineStatus>(provider => provider.GetRequiredService<GatewayPipeline>());
        return services;
    }
}
