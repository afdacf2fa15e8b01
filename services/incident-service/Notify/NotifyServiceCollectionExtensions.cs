using Microsoft.Extensions.Options;
using StellaOps.Telemetry.IncidentService.Notify.Api;
using StellaOps.Telemetry.IncidentService.Notify.Deliveries;
using StellaOps.Telemetry.IncidentService.Notify.Escalation;
using StellaOps.Telemetry.IncidentService.Notify.Outbox;
using StellaOps.Telemetry.IncidentService.Notify.Senders;
using StellaOps.Telemetry.IncidentService.Notify.Targets;

namespace StellaOps.Telemetry.IncidentService.Notify;

internal static class NotifyServiceCollectionExtensions
{
    public static IServiceCollection AddIncidentNotifications(this IServiceCollection services)
    {
        services.AddOptions<NotifyOptions>().BindConfiguration(NotifyOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<NotifyOptions>, ValidateNotifyOptions>();
        services.AddSingleton(p => new TargetsFile(p.GetRequiredService<IOptions<NotifyOptions>>().Value.File));
        services.AddSingleton(p => new NotifyTargetsState(p.GetRequiredService<TargetsFile>().Load([]) ?? NotifyTargets.None));
        services.AddSingleton<NotifyInstruments>();
        services.AddSingleton<FanOut>();
        services.AddSingleton<Escalator>();
        services.AddSingleton<AcknowledgementStore>();
        services.AddSingleton<NotificationStore>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<DeliveryPump>();
        services.AddSingleton<HttpPoster>();
        services.AddSingleton<SmtpSender>();
        services.AddSingleton<NotifySender>();
        services.AddHostedService<TargetsWatcher>();
        services.AddHostedService<NotifyWorker>();
        return services;
    }
}
