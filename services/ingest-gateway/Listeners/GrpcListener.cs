using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.HeadSampling;
using StellaOps.Telemetry.IngestGateway.Identity;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>OTLP/gRPC over the bare request pipe: a thin shell over <see cref="IngestPipeline"/>.</summary>
internal sealed class GrpcListener(SenderAuthenticator senders, IngestPipeline pipeline, JaegerGrpcListener sampling, DrainState drain)
{
    public async Task HandleAsync(HttpContext context, PeerCertificate? peer)
    {
        var request = context.Request;
        if (!IsGrpc(request.ContentType) || !HttpMethods.IsPost(request.Method))
        {
            // Not a gRPC client: it could not read a gRPC status.
            pipeline.OnRefused(null, null, IngestStatus.UnsupportedMediaType, 0, 0);
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        if (!OtlpRoutes.TryGrpc(request.Path, out var signal))
        {
            if (JaegerGrpcListener.IsMeant(request.Path))
            {
                await sampling.HandleAsync(context, peer);
                return;
            }

            Refuse(context, null, null, IngestStatus.UnknownMethod, 0);
            return;
        }

        var sender = await senders.AuthenticateAsync(OtlpHeaders.Authorization(request), OtlpHeaders.ReplayMark(request), peer, context.RequestAborted);
        if (sender.Status != IngestStatus.Accepted)
        {
            if (sender.Status == IngestStatus.CertificateEnded)
            {
                context.Connection.RequestClose();
            }

            Refuse(context, signal, null, sender.Status, 0);
            return;
        }

        if (!BodyDecompressor.TryParse(request.Headers["grpc-encoding"].ToString(), out var encoding))
        {
            Refuse(context, signal, sender, IngestStatus.UnsupportedCompression, 0);
            return;
        }

        var entered = pipeline.TryEnter(sender, out var ticket, out var retryAfter);
        if (entered != IngestStatus.Accepted)
        {
            Refuse(context, signal, sender, entered, 0, retryAfter);
            return;
        }

        await IngestAsync(context, signal, sender, ticket, encoding);
    }

    private async Task IngestAsync(HttpContext context, Signal signal, SenderIdentity sender, AdmissionTicket ticket, ContentEncoding encoding)
    {
        using var place = ticket;
        using var body = pipeline.NewRequestBody();
        var (status, isCompressed) = await OtlpRequestReader.ReadGrpcMessageAsync(
            context.Request.BodyReader, body, pipeline.Limits.MaxRequestBytes, context.RequestAborted);
        var sent = body.Length;
        if (status == IngestStatus.Accepted && isCompressed && encoding == ContentEncoding.Identity)
        {
            status = IngestStatus.CompressionNotNamed;
        }

        if (status != IngestStatus.Accepted)
        {
            ticket.Charge(0, sent);
            Refuse(context, signal, sender, status, sent);
            return;
        }

        status = await pipeline.IngestAsync(signal, sender, ticket, body, isCompressed ? encoding : ContentEncoding.Identity, isJson: false, context.RequestAborted);
        drain.Tell(context);
        if (status == IngestStatus.Accepted)
        {
            OtlpHeaders.SayReplayMark(context.Response, sender.ReplayMark);
            GrpcAnswer.Accept(context.Response);
        }
        else
        {
            GrpcAnswer.Refuse(context.Response, IngestAnswers.For(status));
        }
    }

    /// <summary><c>application/grpc</c> or <c>application/grpc+proto</c>, with or without parameters; <c>+json</c> is another codec.</summary>
    private static bool IsGrpc(string? contentType)
    {
        var media = contentType.AsSpan();
        var end = media.IndexOf(';');
        media = (end < 0 ? media : media[..end]).Trim();
        return media.Equals("application/grpc", StringComparison.OrdinalIgnoreCase) || media.Equals("application/grpc+proto", StringComparison.OrdinalIgnoreCase);
    }

    private void Refuse(HttpContext context, Signal? signal, SenderIdentity? sender, IngestStatus status, int bytes, TimeSpan retryAfter = default)
    {
        pipeline.OnRefused(signal, sender?.Tenant, status, 0, bytes);
        GrpcAnswer.Refuse(context.Response, IngestAnswers.For(status).After(retryAfter));
    }
}
