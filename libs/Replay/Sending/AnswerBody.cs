using System.Security.Authentication;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Replay.Sending;

/// <summary>Asks an endpoint and reads what it answers: never more than an answer can need.</summary>
internal static class AnswerBody
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxMessageCharacters = 300;

    /// <param name="judge">Says what an answer and its body mean.</param>
    public static async Task<ReplayAnswer> AskAsync(HttpClient http, HttpRequestMessage message, Func<HttpResponseMessage, byte[], ReplayAnswer> judge, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return judge(response, await ReadAsync(response, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // No answer came; what was sent may have been taken all the same. Whose certificate is not trusted now will not be trusted in a moment.
            return new ReplayAnswer(
                e.InnerException is AuthenticationException ? ReplayOutcome.Untrusted : ReplayOutcome.Retry,
                "",
                e is OperationCanceledException ? "no answer in time" : (e.InnerException ?? e).Message);
        }
    }

    /// <summary>The message of a google.rpc.Status; else the text, where it is one.</summary>
    public static string MessageOf(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == CollectorFields.RpcStatus.Message && reader.WireType == WireType.LengthDelimited)
            {
                return Printable(reader.Content);
            }
        }

        return Printable(body);
    }

    public static bool SaysBack(HttpResponseMessage response, ReplayMark mark) => TryHeader(response, KnownHeaders.Replay, out var said) && said == mark.ToString();

    public static bool TryHeader(HttpResponseMessage response, string name, out string value)
    {
        value = response.TrailingHeaders.TryGetValues(name, out var trailing) ? string.Concat(trailing)
            : response.Headers.TryGetValues(name, out var leading) ? string.Concat(leading) : "";
        return value.Length > 0;
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var ofStream = stream.ConfigureAwait(false);
        var body = new byte[MaxBytes];
        var read = await stream.ReadAtLeastAsync(body, MaxBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return body[..read];
    }

    // It goes to a terminal: control characters do not.
    private static string Printable(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxMessageCharacters)]);
        return string.Concat(text.Where(c => !char.IsControl(c))).Trim();
    }
}
