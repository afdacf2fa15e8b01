using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ServiceDefaults.Identity;

/// <summary>The key that a service signs its messages with.</summary>
public static class IdentityServiceCollectionExtensions
{
    /// <summary>Binds <see cref="IdentityOptions"/> and refuses to start without a usable key.</summary>
    public static IServiceCollection AddServiceIdentity(this IServiceCollection services)
    {
        services.AddOptions<IdentityOptions>().BindConfiguration(IdentityOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IdentityOptions>, ValidateIdentityOptions>();
        return services;
    }
}
