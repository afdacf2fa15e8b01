namespace StellaOps.Telemetry.ProfileService.Agents;

internal static class AgentsServiceCollectionExtensions
{
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddSingleton<AgentRegistry>();
        services.AddSingleton<AgentStore>();
        services.AddSingleton<DesiredStore>();
        services.AddSingleton<FleetStore>();
        services.AddHostedService<AgentWriter>();
        return services;
    }
}
