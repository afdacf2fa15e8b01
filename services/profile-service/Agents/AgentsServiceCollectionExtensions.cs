using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ProfileService.Agents;

internal static class AgentsServiceCollectionExtensions
{
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddOptions<AgentsOptions>().BindConfiguration(AgentsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AgentsOptions>, ValidateAgentsOptions>();
        services.AddSingleton<AgentRegistry>();
        services.AddSingleton<AgentStore>();
        services.AddSingleton<DesiredStore>();
        services.AddSingleton<FleetStore>();
        services.AddHostedService<AgentWriter>();
        return services;
    }
}
