using StellaOps.Telemetry.IncidentService.Notify.Deliveries;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>Makes one attempt, in the way of the target's kind.</summary>
internal sealed class NotifySender(HttpPoster http, SmtpSender smtp, TimeProvider time)
{
    /// <exception cref="OperationCanceledException">The caller cancelled; a timeout of the target's is a result.</exception>
    public async Task<DeliveryResult> SendAsync(NotifyTarget target, Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            return target.Channel switch
            {
                SmtpChannel channel => await smtp.SendAsync(target, channel, delivery, cancellationToken),
                var channel => await http.PostAsync(target, PostOf(target, channel, delivery), cancellationToken),
            };
        }
        catch (IOException e)
        {
            // A file of secrets is away: whoever looks after it can put it back.
            return DeliveryResult.Retryable(Reasons.Of(e.Message));
        }
    }

    private OutgoingPost PostOf(NotifyTarget target, NotifyChannel channel, Delivery delivery) => channel switch
    {
        WebhookChannel webhook => WebhookPost.Of(webhook, delivery, time.GetUtcNow()),
        SlackChannel slack => SlackPost.Of(slack, NotifyText.Of(target, delivery)),
        PagerDutyChannel pager => PagerDutyPost.Of(pager, NotifyText.Of(target, delivery)),
        AlertmanagerChannel alertmanager => AlertmanagerPost.Of(alertmanager, NotifyText.Of(target, delivery), time.GetUtcNow()),
        _ => throw new InvalidOperationException($"no sender for {channel.Kind}"),
    };
}
