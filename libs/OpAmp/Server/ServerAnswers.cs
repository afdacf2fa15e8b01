using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>Answers that say what went wrong. Nothing else may stand in such an answer.</summary>
public static class ServerAnswers
{
    /// <summary>The message is wrong, and must not be sent again.</summary>
    public static ServerToAgent BadRequest(ByteString uid, string text) => Error(uid, ServerErrorResponseType.BadRequest, text);

    /// <summary>The server could not do it; whose fault it is, it does not say.</summary>
    public static ServerToAgent Failed(ByteString uid, string text) => Error(uid, ServerErrorResponseType.Unknown, text);

    /// <summary>The server cannot do it now.</summary>
    /// <param name="retryAfter">How long the agent should wait; null leaves it to the agent.</param>
    public static ServerToAgent Unavailable(ByteString uid, string text, TimeSpan? retryAfter)
    {
        var answer = Error(uid, ServerErrorResponseType.Unavailable, text);
        if (retryAfter is { } wait)
        {
            answer.ErrorResponse.RetryInfo = new RetryInfo { RetryAfterNanoseconds = (ulong)Math.Max(0, wait.Ticks) * TimeSpan.NanosecondsPerTick };
        }

        return answer;
    }

    private static ServerToAgent Error(ByteString uid, ServerErrorResponseType type, string text) => new()
    {
        InstanceUid = uid,
        ErrorResponse = new ServerErrorResponse { Type = type, ErrorMessage = text },
    };
}
