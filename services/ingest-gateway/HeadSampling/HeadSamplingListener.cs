using StellaOps.Telemetry.Contracts.Sampling;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.IngestGateway.Listeners;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>
/// Tells SDKs what to begin, on the listener that they send to and by the identity that they send with: nothing in the request names a tenant.
/// Routes: <see cref="KnownSamplingRoutes"/>; the form is specified in docs/sampling.md.
/// </summary>
internal sealed class HeadSamplingListener(
    SenderAuthenticator senders, IngestPipeline pipeline, HeadStrategies strategies, HeadWaiters waiters, HeadSamplingInstruments instruments, TimeProvider time)
{
    public static bool IsMeant(PathString path) => path.Value is KnownSamplingRoutes.Follow or KnownSamplingRoutes.Jaeger or KnownSamplingRoutes.JaegerCollector;

    public async Task HandleAsync(HttpContext context, PeerCertificate? peer)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method))
        {
            pipeline.OnRefused(null, null, IngestStatus.UnknownMethod, 0, 0);
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = HttpMethods.Get;
            return;
        }

        var sender = await senders.AuthenticateAsync(OtlpHeaders.Authorization(request), OtlpHeaders.ReplayMark(request), peer, context.RequestAborted);
        if (sender.Status != IngestStatus.Accepted)
        {
            if (sender.Status == IngestStatus.CertificateEnded)
            {
                context.Connection.RequestClose();
            }

            Refuse(context, null, sender.Status);
            return;
        }

        if (!SamplingQuery.TryRead(request, out var query))
        {
            Refuse(context, sender.Tenant, IngestStatus.BadQuery);
            return;
        }

        var entered = pipeline.TryEnter(sender, out var ticket, out var retryAfter);
        if (entered != IngestStatus.Accepted)
        {
            Refuse(context, sender.Tenant, entered, retryAfter);
            return;
        }

        // A place among requests in flight is for work: who waits has one among the waiters.
        ticket.Dispose();
        if (request.Path.Value != KnownSamplingRoutes.Follow)
        {
            HeadSamplingAnswer.Jaeger(context.Response, strategies.Of(sender.Tenant, query.Service));
            instruments.OnJaegerAnswered();
            return;
        }

        var strategy = strategies.Of(sender.Tenant, query.Service);
        if (query.Wait > TimeSpan.Zero && query.Knows(strategy))
        {
            await WaitAsync(context, sender.Tenant, query);
            return;
        }

        Answer(context, query, strategy);
    }

    private async Task WaitAsync(HttpContext context, TenantId tenant, SamplingQuery query)
    {
        var entered = waiters.TryEnter(tenant, out var waiter);
        if (entered != IngestStatus.Accepted)
        {
            Refuse(context, tenant, entered, SomeSeconds());
            return;
        }

        using var place = waiter!;
        var from = time.GetTimestamp();
        while (true)
        {
            var woken = place.Woken.NextAsync();
            var strategy = strategies.Of(tenant, query.Service);
            var rest = query.Wait - time.GetElapsedTime(from);
            if (place.IsClosed)
            {
                Refuse(context, tenant, IngestStatus.Stopping);
                return;
            }

            if (rest <= TimeSpan.Zero || !query.Knows(strategy))
            {
                Answer(context, query, strategy);
                return;
            }

            // An incident ends by this clock, whoever says nothing.
            var until = strategy.Content.ExpiresAt is { } end && end - time.GetUtcNow() < rest ? end - time.GetUtcNow() : rest;
            await woken.WaitAsync(until > TimeSpan.Zero ? until : TimeSpan.Zero, time, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.RequestAborted.ThrowIfCancellationRequested();
        }
    }

    private void Answer(HttpContext context, SamplingQuery query, HeadStrategy strategy)
    {
        var isChange = !query.Knows(strategy);
        if (isChange)
        {
            HeadSamplingAnswer.Changed(context.Response, strategy);
        }
        else
        {
            HeadSamplingAnswer.Unchanged(context.Response, strategy);
        }

        instruments.OnFollowerAnswered(isChange);
    }

    private void Refuse(HttpContext context, TenantId? tenant, IngestStatus status, TimeSpan retryAfter = default)
    {
        pipeline.OnRefused(null, tenant, status, 0, 0);
        HttpAnswer.Refuse(context.Response, IngestAnswers.For(status).After(retryAfter), json: true);
    }

    /// <summary>Not all at the same time: they would be refused together again.</summary>
    private static TimeSpan SomeSeconds() => TimeSpan.FromMilliseconds(Random.Shared.Next(1500, 4500));
}
