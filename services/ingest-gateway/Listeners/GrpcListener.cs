using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Identity;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>OTLP/gRPC over the bare request pipe: a thin shell over <see cref="IngestPipeline"/>.</summary>
internal sealed class GrpcListener(SenderAuthenticator senders, IngestPipeline pipeline)
{
    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true || !HttpMethods.IsPost(request.Method))
        {
            // Not a gRPC client: it could not read a gRPC status.
            pipeline.OnRefused(null, null, IngestStatus.UnsupportedMediaType, 0, 0);
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        if (!OtlpRoutes.TryGrpc(request.Path, out var signal))
        {
            Refuse(context, null, null, IngestStatus.UnknownMethod, 0);
            return;
        }

        var sender = await senders.AuthenticateAsync(OtlpHeaders.Authorization(request), OtlpHeaders.ReplayMark(request), context.RequestAborted);
        if (sender.Status != IngestStatus.Accepted)
        {
            Refuse(context, signal, null, sender.Status, 0);
            return;
        }

        if (!BodyDecompressor.TryParse(request.Headers["grpc-encoding"].ToString(), out var encoding))
        {
            Refuse(context, signal, sender, IngestStatus.UnsupportedCompression, 0);
            return;
        }

        await IngestAsync(context, signal, sender, encoding);
    }

    private async Task IngestAsync(HttpContext context, Signal signal, SenderIdentity sender, ContentEncoding encoding)
    {
        using var body = pipeline.NewRequestBody();
        var (status, isCompressed) = await OtlpRequestReader.ReadGrpcMessageAsync(
            context.Request.BodyReader, body, pipeline.Limits.MaxRequestBytes, context.RequestAborted);
        var sent = body.Length;
        if (status == IngestStatus.Accepted && isCompressed && encoding == ContentEncoding.Identity)
        {
            status = IngestStatus.BadCompression;
        }

        if (status != IngestStatus.Accepted)
        {
            Refuse(context, signal, sender, status, sent);
            return;
        }

        status = await pipeline.IngestAsync(signal, sender, body, isCompressed ? encoding : ContentEncoding.Identity, isJson: false, context.RequestAborted);
        if (status == IngestStatus.Accepted)
        {
            GrpcAnswer.Accept(context.Response);
        }
        else
        {
            GrpcAnswer.Refuse(context.Response, IngestAnswers.For(status));
        }
    }

    private void Refuse(HttpContext context, Signal? signal, SenderIdentity? sender, IngestStatus status, int bytes)
    {
        pipeline.OnRefused(signal, sender?.Tenant, status, 0, bytes);
        GrpcAnswer.Refuse(context.Response, IngestAnswers.For(status));
    }
}
