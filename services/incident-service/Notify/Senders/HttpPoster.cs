using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IncidentService.Notify.Deliveries;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>
/// Posts, over a connection of its own that the dialer makes: there are few notifications, and one that is kept open would outlive the policy,
/// the address or the authorities it was made under. The status is the answer; of the body, no more is read than a reason has room for.
/// </summary>
internal sealed class HttpPoster(EgressDialer dialer, TimeProvider time)
{
    private const int MaxHeadersKiB = 16;
    private const int MaxReasonBytes = 1024;

    public async Task<DeliveryResult> PostAsync(NotifyTarget target, OutgoingPost post, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(target.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var client = ClientOf(target);
            using var request = RequestOf(post);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await JudgeAsync(response, post, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DeliveryResult.Retryable($"no answer within {target.Timeout.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (EgressDeniedException.In(e) is { } denied)
        {
            return DeliveryResult.Final(Reasons.Of(denied.Message));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return DeliveryResult.Retryable(Reasons.Of(e.InnerException is AuthenticationException tls ? $"{e.Message} {tls.Message}" : e.Message, post.Secrets));
        }
    }

    private HttpClient ClientOf(NotifyTarget target)
    {
        var handler = dialer.CreateHandler();

        // A target is nobody of ours: it is given no trace to belong to.
        handler.ActivityHeadersPropagator = null;
        handler.ConnectTimeout = target.Timeout;
        handler.MaxResponseHeadersLength = MaxHeadersKiB;
        handler.MaxResponseDrainSize = 0;
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustedAuthorities.PolicyOf(target.Channel.CaFile) };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static HttpRequestMessage RequestOf(OutgoingPost post)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, post.Url) { Content = new ByteArrayContent(post.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(post.MediaType, "utf-8");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("stella-telemetry", "1"));
        foreach (var (name, value) in post.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private async Task<DeliveryResult> JudgeAsync(HttpResponseMessage response, OutgoingPost post, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (post.Expected is { } expected ? status == expected : response.IsSuccessStatusCode)
        {
            return DeliveryResult.Delivered;
        }

        if (response.IsSuccessStatusCode)
        {
            // Something between us and the target says yes to everything.
            return DeliveryResult.Retryable($"answered {status} where {post.Expected} means yes");
        }

        var reason = Reasons.Of($"answered {status}: {await ReadAsync(response, cancellationToken)}", post.Secrets);
        return status switch
        {
            408 or 425 or 429 or >= 500 => DeliveryResult.Retryable(reason, RetryAfter(response)),
            >= 300 and < 400 => DeliveryResult.Final($"answered {status}: redirects are not followed, name the place itself"),
            _ => DeliveryResult.Final(reason),
        };
    }

    /// <summary>The beginning of the body, or what came of it in time.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (bytes, length) = (new byte[MaxReasonBytes], 0);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            int read;
            while (length < bytes.Length && (read = await body.ReadAsync(bytes.AsMemory(length), cancellationToken)) > 0)
            {
                length += read;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status has said it; a stop of this process is seen by whoever asks for the next attempt.
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };
}
