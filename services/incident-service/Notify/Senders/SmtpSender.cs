using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IncidentService.Notify.Deliveries;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;
using AuthenticationException = System.Security.Authentication.AuthenticationException;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>
/// Sends mail. The Message-ID is made of the event's id, so whoever receives it twice can tell; every mail of an incident refers to the
/// incident, so mail programs show them as one thread.
/// </summary>
internal sealed class SmtpSender(EgressDialer dialer, TimeProvider time)
{
    public async Task<DeliveryResult> SendAsync(NotifyTarget target, SmtpChannel channel, Delivery delivery, CancellationToken cancellationToken)
    {
        var password = channel.PasswordFile is { } file ? SecretFile.Read(file) : null;
        using var message = MessageOf(channel, NotifyText.Of(target, delivery));
        using var timeout = new CancellationTokenSource(target.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await SendAsync(channel, message, password, either.Token);
            return DeliveryResult.Delivered;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DeliveryResult.Retryable($"not taken within {target.Timeout.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (EgressDeniedException.In(e) is { } denied)
        {
            return DeliveryResult.Final(Reasons.Of(denied.Message));
        }
        catch (SmtpCommandException e)
        {
            // 4yz: later; 5yz: never.
            var reason = Reasons.Of($"answered {(int)e.StatusCode}: {e.Message}", password ?? "");
            return (int)e.StatusCode >= 500 ? DeliveryResult.Final(reason) : DeliveryResult.Retryable(reason);
        }
        catch (MailKit.Security.AuthenticationException e)
        {
            return DeliveryResult.Final(Reasons.Of($"the server does not take user and password: {e.Message}", password ?? ""));
        }
        catch (ServiceNotAuthenticatedException)
        {
            return DeliveryResult.Final("the server asks for user and password, and the target has none");
        }
        catch (Exception e) when (e is IOException or SocketException or ProtocolException or AuthenticationException or NotSupportedException)
        {
            return DeliveryResult.Retryable(Reasons.Of(e.Message, password ?? ""));
        }
    }

    private async Task SendAsync(SmtpChannel channel, MimeMessage message, string? password, CancellationToken cancellationToken)
    {
        await using var stream = await SmtpConnection.OpenAsync(dialer, channel, cancellationToken);
        using var client = new SmtpClient { LocalDomain = "localhost" };
        await client.ConnectAsync(stream, channel.Host, channel.Port, SecureSocketOptions.None, cancellationToken);
        if (channel.User is { } user && password is not null)
        {
            await client.AuthenticateAsync(user, password, cancellationToken);
        }

        await client.SendAsync(message, cancellationToken);
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or ProtocolException or CommandException or OperationCanceledException)
        {
            // The server took the mail before; how it says goodbye changes nothing.
        }
    }

    private static MimeMessage MessageOf(SmtpChannel channel, NotifyText text)
    {
        var domain = channel.From[(channel.From.LastIndexOf('@') + 1)..];
        var message = new MimeMessage
        {
            MessageId = $"{text.Event.Id}@{domain}",
            Subject = text.Title,
            Date = text.Event.Time,
            Body = new TextPart("plain") { Text = text.Text },
        };
        message.From.Add(new MailboxAddress("", channel.From));
        message.To.AddRange(channel.To.Select(a => new MailboxAddress("", a)));
        message.InReplyTo = $"{text.Incident.Id}@{domain}";
        message.References.Add($"{text.Incident.Id}@{domain}");
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return message;
    }
}
