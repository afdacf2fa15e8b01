namespace StellaOps.Telemetry.ProfileService.Rollouts;

internal static class RolloutsServiceCollectionExtensions
{
    public static IServiceCollection AddRollouts(this IServiceCollection services)
    {
        services.AddSingleton<RolloutTables>();
        services.AddSingleton<RolloutReverter>();
        services.AddSingleton<RolloutStepper>();
        services.AddSingleton<RolloutEnrolment>();
        services.AddSingleton<AgentPruner>();
        services.AddSingleton<RolloutStarter>();
        services.AddSingleton<RolloutControl>();
        services.AddSingleton<RolloutStore>();
        services.AddHostedService<RolloutDriver>();
        return services;
    }
}
