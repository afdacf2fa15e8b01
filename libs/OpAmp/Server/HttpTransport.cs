using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Wire;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>
/// Plain HTTP: a POST with an AgentToServer, answered with a ServerToAgent and 200, errors included: clients repeat what any other status
/// answers, and a malformed message must not be repeated. Only UNAVAILABLE says so in its status as well, 503 with Retry-After.
/// </summary>
internal sealed class HttpTransport(MessageDesk desk)
{
    public static bool IsMessage(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(KnownOpAmp.ContentType, StringComparison.OrdinalIgnoreCase);

    public async Task HandleAsync(HttpContext context)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        var isGzip = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase);
        if (!isGzip && encoding is not ("" or "identity"))
        {
            context.Response.Headers.AcceptEncoding = "gzip";
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = desk.Options.MaxMessageBytes;
        }

        var connection = new HttpOpAmpConnection(context);
        if (context.Request.ContentLength > desk.Options.MaxMessageBytes)
        {
            RefuseSize(context, connection);
            return;
        }

        try
        {
            var message = await BodyReader.ReadAsync(context.Request.Body, isGzip, desk.Options.MaxMessageBytes, Parsers.FromAgent, context.RequestAborted).ConfigureAwait(false);
            var answer = HeaderFaultOf(context.Request, message) is { } fault
                ? desk.Refuse(connection, message.InstanceUid, fault)
                : await desk.AnswerAsync(connection, message, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, desk.Fitting(connection, answer, headerBytes: 0)).ConfigureAwait(false);
        }
        catch (MessageTooLargeException)
        {
            RefuseSize(context, connection);
        }
        catch (BadHttpRequestException e)
        {
            desk.Instruments.OnMessage(OpAmpTransport.Http, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "too_large" : "malformed");
            context.Response.StatusCode = e.StatusCode;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException)
        {
            await WriteAsync(context, desk.Refuse(connection, ByteString.Empty, $"the body is no AgentToServer: {e.Message}")).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer.
        }
    }

    /// <summary>Whoever routes or judges by the header must not be told another agent than the message is of.</summary>
    private static string? HeaderFaultOf(HttpRequest request, AgentToServer message) =>
        request.Headers.TryGetValue(KnownOpAmp.InstanceUidHeader, out var header)
        && !(InstanceUid.TryParse(header, out var said) && InstanceUid.TryFrom(message.InstanceUid, out var uid) && said == uid)
            ? $"the header {KnownOpAmp.InstanceUidHeader} names another agent than instance_uid: send the same in both"
            : null;

    private void RefuseSize(HttpContext context, HttpOpAmpConnection connection)
    {
        desk.Instruments.OnMessage(connection.Transport, "too_large");
        context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;

        // What was not read stands in the connection's way: an agent that sent its next message on it would lose that.
        context.Response.Headers.Connection = "close";
    }

    private static async Task WriteAsync(HttpContext context, ServerToAgent answer)
    {
        var response = context.Response;
        response.StatusCode = answer.ErrorResponse?.Type == ServerErrorResponseType.Unavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        if (answer.ErrorResponse?.RetryInfo is { } retry)
        {
            response.Headers.RetryAfter = (1 + ((Math.Max(1, retry.RetryAfterNanoseconds) - 1) / 1_000_000_000)).ToString(CultureInfo.InvariantCulture);
        }

        response.ContentType = KnownOpAmp.ContentType;
        var bytes = answer.ToByteArray();
        if (bytes.Length >= Gzip.WorthFrom && AcceptsGzip(context.Request))
        {
            bytes = Gzip.Compress(bytes);
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = HeaderNames.AcceptEncoding;
        }

        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted)
        && accepted.Any(a => a.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && a.Quality is null or > 0);
}
