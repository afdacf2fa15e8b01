using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.HeadSampling;
using StellaOps.Telemetry.IngestGateway.Identity;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>OTLP/HTTP, protobuf and JSON: a thin shell over <see cref="IngestPipeline"/>.</summary>
internal sealed class HttpListener(SenderAuthenticator senders, IngestPipeline pipeline, HeadSamplingListener sampling, DrainState drain)
{
    public async Task HandleAsync(HttpContext context, PeerCertificate? peer)
    {
        var request = context.Request;
        var media = MediaTypeOf(request.ContentType);
        var json = media != HttpAnswer.Protobuf;
        if (!OtlpRoutes.TryHttp(request.Path, out var signal))
        {
            if (HeadSamplingListener.IsMeant(request.Path))
            {
                await sampling.HandleAsync(context, peer);
                return;
            }

            Refuse(context, json, null, null, IngestStatus.UnknownMethod, 0);
            return;
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            pipeline.OnRefused(signal, null, IngestStatus.UnknownMethod, 0, 0);
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = HttpMethods.Post;
            return;
        }

        var sender = await senders.AuthenticateAsync(OtlpHeaders.Authorization(request), OtlpHeaders.ReplayMark(request), peer, context.RequestAborted);
        if (sender.Status != IngestStatus.Accepted)
        {
            if (sender.Status == IngestStatus.CertificateEnded)
            {
                context.Connection.RequestClose();
            }

            Refuse(context, json, signal, null, sender.Status, 0);
            return;
        }

        if (media is null)
        {
            Refuse(context, json, signal, sender, IngestStatus.UnsupportedMediaType, 0);
            return;
        }

        if (!BodyDecompressor.TryParse(request.Headers.ContentEncoding.ToString(), out var encoding))
        {
            Refuse(context, json, signal, sender, IngestStatus.UnsupportedCompression, 0);
            return;
        }

        if (request.ContentLength > pipeline.Limits.MaxRequestBytes)
        {
            Refuse(context, json, signal, sender, IngestStatus.RequestTooLarge, 0);
            return;
        }

        var entered = pipeline.TryEnter(sender, out var ticket, out var retryAfter);
        if (entered != IngestStatus.Accepted)
        {
            Refuse(context, json, signal, sender, entered, 0, retryAfter);
            return;
        }

        await IngestAsync(context, json, signal, sender, ticket, encoding);
    }

    private async Task IngestAsync(HttpContext context, bool json, Signal signal, SenderIdentity sender, AdmissionTicket ticket, ContentEncoding encoding)
    {
        using var place = ticket;
        using var body = pipeline.NewRequestBody();
        var status = await OtlpRequestReader.ReadToEndAsync(context.Request.BodyReader, body, context.RequestAborted);
        if (status != IngestStatus.Accepted)
        {
            ticket.Charge(0, body.Length);
            Refuse(context, json, signal, sender, status, body.Length);
            return;
        }

        status = await pipeline.IngestAsync(signal, sender, ticket, body, encoding, json, context.RequestAborted);
        drain.Tell(context);
        if (status == IngestStatus.Accepted)
        {
            OtlpHeaders.SayReplayMark(context.Response, sender.ReplayMark);
            HttpAnswer.Accept(context.Response, json);
        }
        else
        {
            HttpAnswer.Refuse(context.Response, IngestAnswers.For(status), json);
        }
    }

    private void Refuse(HttpContext context, bool json, Signal? signal, SenderIdentity? sender, IngestStatus status, int bytes, TimeSpan retryAfter = default)
    {
        pipeline.OnRefused(signal, sender?.Tenant, status, 0, bytes);
        HttpAnswer.Refuse(context.Response, IngestAnswers.For(status).After(retryAfter), json);
    }

    /// <summary>Parameters such as <c>charset</c> do not matter: protobuf has none and JSON is UTF-8.</summary>
    private static string? MediaTypeOf(string? contentType)
    {
        var media = contentType.AsSpan();
        var end = media.IndexOf(';');
        media = (end < 0 ? media : media[..end]).Trim();
        return media.Equals(HttpAnswer.Protobuf, StringComparison.OrdinalIgnoreCase) ? HttpAnswer.Protobuf
            : media.Equals(HttpAnswer.Json, StringComparison.OrdinalIgnoreCase) ? HttpAnswer.Json
            : null;
    }
}
