using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Wire;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>What both transports do with a message: judge it, hand it to the server, and see that there is an answer.</summary>
internal sealed partial class MessageDesk(IOpAmpServer server, IOptions<OpAmpServerOptions> options, OpAmpInstruments instruments, ILogger<MessageDesk> logger)
{
    public OpAmpServerOptions Options { get; } = options.Value;

    public OpAmpInstruments Instruments { get; } = instruments;

    public ILogger Logger { get; } = logger;

    public IOpAmpServer Server { get; } = server;

    /// <summary>The answer to the bytes of a message.</summary>
    public ValueTask<ServerToAgent> AnswerAsync(OpAmpConnection connection, ReadOnlySpan<byte> bytes, CancellationToken cancellationToken)
    {
        AgentToServer message;
        try
        {
            message = Parsers.FromAgent.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            return ValueTask.FromResult(Refuse(connection, ByteString.Empty, $"the message is no AgentToServer: {e.Message}"));
        }

        return AnswerAsync(connection, message, cancellationToken);
    }

    /// <summary>The answer to a message.</summary>
    public ValueTask<ServerToAgent> AnswerAsync(OpAmpConnection connection, AgentToServer message, CancellationToken cancellationToken) =>
        MessageRules.FaultOf(message) is { } fault
            ? ValueTask.FromResult(Refuse(connection, message.InstanceUid, fault))
            : HandleAsync(connection, message, cancellationToken);

    /// <summary>The answer to what is malformed.</summary>
    public ServerToAgent Refuse(OpAmpConnection connection, ByteString uid, string fault)
    {
        Instruments.OnMessage(connection.Transport, "malformed");
        Log.MessageRefused(Logger, connection.Id, fault);
        return ServerAnswers.BadRequest(uid, fault);
    }

    /// <summary>An answer above the limit is not sent, and the agent is told why it gets none.</summary>
    public ServerToAgent Fitting(OpAmpConnection connection, ServerToAgent answer, int headerBytes)
    {
        var size = answer.CalculateSize() + headerBytes;
        if (size <= Options.MaxSentBytes)
        {
            return answer;
        }

        Instruments.OnDiscarded("too_large");
        Log.AnswerTooLarge(Logger, connection.Id, size, Options.MaxSentBytes);
        return ServerAnswers.Failed(answer.InstanceUid, $"the answer has {size} bytes, above the limit of {Options.MaxSentBytes}, and was not sent");
    }

    private async ValueTask<ServerToAgent> HandleAsync(OpAmpConnection connection, AgentToServer message, CancellationToken cancellationToken)
    {
        connection.OnMessage();
        try
        {
            var answer = await Server.HandleAsync(connection, message, cancellationToken).ConfigureAwait(false);
            Instruments.OnMessage(connection.Transport, OutcomeOf(answer));
            return answer;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, it must not end the connection: the agent would only come again with the same.
            Instruments.OnMessage(connection.Transport, "failed");
            Log.HandlingFailed(Logger, connection.Id, e);
            return ServerAnswers.Failed(message.InstanceUid, "the server failed to process the message; its log says why");
        }
    }

    private static string OutcomeOf(ServerToAgent answer) => answer.ErrorResponse?.Type switch
    {
        null => "answered",
        ServerErrorResponseType.BadRequest => "malformed",
        ServerErrorResponseType.Unavailable => "throttled",
        _ => "failed",
    };

    private static partial class Log
    {
        [LoggerMessage(OpAmpEventIds.MessageRefused, LogLevel.Warning, "Connection {Connection}: an agent's message is malformed: {Fault}")]
        public static partial void MessageRefused(ILogger logger, long connection, string fault);

        [LoggerMessage(OpAmpEventIds.HandlingFailed, LogLevel.Error, "Connection {Connection}: an agent's message could not be processed")]
        public static partial void HandlingFailed(ILogger logger, long connection, Exception exception);

        [LoggerMessage(OpAmpEventIds.AnswerTooLarge, LogLevel.Error, "Connection {Connection}: an answer of {Bytes} bytes is above the limit of {Limit} and was not sent")]
        public static partial void AnswerTooLarge(ILogger logger, long connection, int bytes, int limit);
    }
}
