using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>Does what the server's messages ask, whichever transport they came by.</summary>
internal sealed partial class ServerMessages(OpAmpAgentOptions options, AgentReporter reporter, ConfigApplier applier, IOpAmpAgentHandler handler, ILogger logger)
{
    // What a server may offer; a longer silence is as good as none.
    private const ulong MaxHeartbeatSeconds = 24 * 60 * 60;

    private TimeSpan _heartbeat = options.HeartbeatInterval;

    /// <summary>Between heartbeats; infinite when the server wants none.</summary>
    public TimeSpan HeartbeatInterval => options.Capabilities.HasFlag(AgentCapabilities.ReportsHeartbeat) || !options.IsWebSocket ? _heartbeat : Timeout.InfiniteTimeSpan;

    /// <summary>Takes one message. Not null: the session has to end.</summary>
    public async ValueTask<SessionEnd?> TakeAsync(ServerToAgent message, CancellationToken cancellationToken)
    {
        if (!reporter.IsAddressed(message.InstanceUid))
        {
            LogIgnored(logger, "it is for another agent");
            return null;
        }

        if (message.ErrorResponse is { } error)
        {
            return Take(error);
        }

        if (message.Command is not null)
        {
            // The one command there is, a restart, is for agents that say they can; whatever stands beside it does not count.
            LogIgnored(logger, "the agent takes no commands");
            return null;
        }

        if (InstanceUid.TryFrom(message.AgentIdentification?.NewInstanceUid ?? Google.Protobuf.ByteString.Empty, out var uid) && uid != reporter.Uid)
        {
            LogRenamed(logger, reporter.Uid, uid);
            await handler.OnInstanceUidAsync(uid, cancellationToken).ConfigureAwait(false);
            reporter.Rename(uid);
        }

        if ((message.Flags & (ulong)ServerToAgentFlags.ReportAvailableComponents) != 0)
        {
            reporter.RequireComponents();
        }

        if ((message.Flags & (ulong)ServerToAgentFlags.ReportFullState) != 0)
        {
            reporter.RequireAll();
        }

        if (message.ConnectionSettings?.Opamp is { } settings)
        {
            Take(settings);
        }

        if (message.RemoteConfig is { } offer && options.Capabilities.HasFlag(AgentCapabilities.AcceptsRemoteConfig))
        {
            LogOffered(logger, Convert.ToHexStringLower(offer.ConfigHash.Span));
            applier.Offer(offer);
        }

        return null;
    }

    private SessionEnd? Take(ServerErrorResponse error)
    {
        LogRefused(logger, error.Type, error.ErrorMessage);
        if (error.Type != ServerErrorResponseType.Unavailable)
        {
            // A message that is wrong is not said again; what the server failed to process it will miss in the sequence, and ask for.
            return null;
        }

        TimeSpan? wait = error.RetryInfo is { RetryAfterNanoseconds: var ns } ? TimeSpan.FromTicks((long)Math.Min(ns / TimeSpan.NanosecondsPerTick, (ulong)options.MaxRetryAfter.Ticks)) : null;
        return new SessionEnd("the server is overloaded", WasConnected: true, IsThrottled: true, wait);
    }

    /// <summary>Of offered settings only the interval is taken: an agent that let its server move it elsewhere would follow whoever took the server.</summary>
    private void Take(OpAMPConnectionSettings settings)
    {
        var seconds = Math.Min(settings.HeartbeatIntervalSeconds, MaxHeartbeatSeconds);
        if (seconds > 0 || options.IsWebSocket)
        {
            _heartbeat = seconds > 0 ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan;
        }
    }

    [LoggerMessage(OpAmpClientEventIds.MessageIgnored, LogLevel.Debug, "a message of the OpAMP server is ignored: {Reason}")]
    private static partial void LogIgnored(ILogger logger, string reason);

    [LoggerMessage(OpAmpClientEventIds.ServerRefused, LogLevel.Warning, "the OpAMP server answers {Type}: {Text}")]
    private static partial void LogRefused(ILogger logger, ServerErrorResponseType type, string text);

    [LoggerMessage(OpAmpClientEventIds.Renamed, LogLevel.Warning, "the OpAMP server gives agent {Former} the uid {Uid}: another uses the former, or it asked for one")]
    private static partial void LogRenamed(ILogger logger, InstanceUid former, InstanceUid uid);

    [LoggerMessage(OpAmpClientEventIds.ConfigOffered, LogLevel.Information, "the OpAMP server offers configuration {Hash}")]
    private static partial void LogOffered(ILogger logger, string hash);
}
