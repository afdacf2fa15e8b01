using System.Buffers.Binary;
using System.Text;
using StellaOps.Telemetry.Contracts.Sampling;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.IngestGateway.Listeners;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>
/// Jaeger's remote sampling as OpenTelemetry's Java SDK asks for it: <c>jaeger.api_v2.SamplingManager</c> on the OTLP/gRPC listener
/// (https://github.com/jaegertracing/jaeger-idl/blob/main/proto/api_v2/sampling.proto).
/// </summary>
internal sealed class JaegerGrpcListener(SenderAuthenticator senders, IngestPipeline pipeline, HeadStrategies strategies, HeadSamplingInstruments instruments)
{
    private const string Route = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy";

    /// <summary><c>string service = 1</c>, of characters of at most four bytes, and some.</summary>
    private const int MaxQueryBytes = (4 * KnownSamplingRoutes.MaxServiceName) + 64;

    public static bool IsMeant(PathString path) => path.Value == Route;

    public async Task HandleAsync(HttpContext context, PeerCertificate? peer)
    {
        var request = context.Request;
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

        var entered = pipeline.TryEnter(sender, out var ticket, out var retryAfter);
        if (entered != IngestStatus.Accepted)
        {
            Refuse(context, sender, entered, retryAfter);
            return;
        }

        using var place = ticket;
        using var body = pipeline.NewRequestBody();
        var (status, isCompressed) = await OtlpRequestReader.ReadGrpcMessageAsync(request.BodyReader, body, MaxQueryBytes, context.RequestAborted);
        status = status == IngestStatus.Accepted && isCompressed ? IngestStatus.UnsupportedCompression : status;
        if (status != IngestStatus.Accepted || !TryReadService(body.Span, out var service))
        {
            Refuse(context, sender, status == IngestStatus.Accepted ? IngestStatus.BadQuery : status);
            return;
        }

        Answer(context, strategies.Of(sender.Tenant, service).Content.SamplingRate);
        instruments.OnJaegerAnswered();
    }

    /// <summary>
    /// <c>SamplingStrategyType strategyType = 1; ProbabilisticSamplingStrategy probabilisticSampling = 2</c> with <c>double samplingRate = 1</c>. The
    /// type, 0, is spelled: not every reader takes what is absent for its default.
    /// </summary>
    private static void Answer(HttpContext context, double rate)
    {
        Span<byte> message = [0x08, 0x00, 0x12, 0x09, 0x09, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteDoubleLittleEndian(message[5..], rate);
        GrpcAnswer.Answer(context.Response, message);
    }

    private static bool TryReadService(ReadOnlySpan<byte> query, out string service)
    {
        service = "";
        var reader = new WireReader(query);
        while (reader.TryReadField())
        {
            if (reader is { FieldNumber: 1, WireType: WireType.LengthDelimited })
            {
                service = Encoding.UTF8.GetString(reader.Content);
            }
        }

        return !reader.IsMalformed && service.Length is > 0 and <= KnownSamplingRoutes.MaxServiceName;
    }

    private void Refuse(HttpContext context, SenderIdentity? sender, IngestStatus status, TimeSpan retryAfter = default)
    {
        pipeline.OnRefused(null, sender?.Tenant, status, 0, 0);
        GrpcAnswer.Refuse(context.Response, IngestAnswers.For(status).After(retryAfter));
    }
}
