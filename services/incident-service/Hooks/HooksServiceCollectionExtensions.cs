using Microsoft.Extensions.Options;
using StellaOps.Telemetry.IncidentService.Hooks.Rules;

namespace StellaOps.Telemetry.IncidentService.Hooks;

internal static class HooksServiceCollectionExtensions
{
    public static IServiceCollection AddIncidentHooks(this IServiceCollection services)
    {
        services.AddOptions<HookOptions>().BindConfiguration(HookOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HookOptions>, ValidateHookOptions>();
        services.AddSingleton(p => new HooksFile(p.GetRequiredService<IOptions<HookOptions>>().Value.File));
        services.AddSingleton(p => new HooksState(p.GetRequiredService<HooksFile>().Read()));
        services.AddSingleton<HookInstruments>();
        services.AddSingleton<HookDesk>();
        services.AddSingleton<HookServices>();
        services.AddHostedService<HooksWatcher>();
        return services;
    }
}
