namespace StellaOps.Telemetry.ProfileService.Deployments;

internal static class DeploymentsServiceCollectionExtensions
{
    public static IServiceCollection AddDeployments(this IServiceCollection services) => services.AddSingleton<DeploymentIssuer>().AddSingleton<DeploymentCatalog>();
}
