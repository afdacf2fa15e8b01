using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>
/// An agent: keeps the server told of its state, over WebSocket or by polling, and has offered configurations applied. What is reported while
/// there is no server is said when there is one.
/// </summary>
public sealed partial class OpAmpAgent
{
    private readonly OpAmpAgentOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentReporter _reporter;
    private readonly ConfigApplier _applier;
    private readonly ServerMessages _messages;
    private readonly Backoff _backoff;
    private volatile bool _isConnected;

    // Said once for each time that the server is away, however often it is tried.
    private bool _isAwaySaid;

    /// <param name="description">What the agent is, as the server first hears of it.</param>
    /// <param name="http">Makes the connections of both transports; it may add credentials. Stays the caller's.</param>
    public OpAmpAgent(OpAmpAgentOptions options, AgentDescription description, IOpAmpAgentHandler handler, HttpMessageInvoker http, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        if (OpAmpAgentOptions.FaultOf(options.Endpoint.ToString()) is { } fault)
        {
            throw new ArgumentException($"'{options.Endpoint}' {fault}", nameof(options));
        }

        (_options, _http, _time, _logger) = (options, http, time, logger);
        _reporter = new AgentReporter(options, description);
        _applier = new ConfigApplier(_reporter, handler);
        _messages = new ServerMessages(options, _reporter, _applier, handler, logger);
        _backoff = new Backoff(options, Random.Shared.NextDouble);
    }

    /// <summary>The uid in force.</summary>
    public InstanceUid InstanceUid => _reporter.Uid;

    /// <summary>Whether the server has answered on the connection that there is.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Says what the agent is. The message must not be changed afterwards, here as below.</summary>
    public void Report(AgentDescription description) => _reporter.Report(description);

    /// <summary>Says how the agent does.</summary>
    public void Report(ComponentHealth health) => _reporter.Report(health);

    /// <summary>Says which configuration is in force.</summary>
    public void Report(EffectiveConfig config) => _reporter.Report(config);

    /// <summary>Says which components the agent has: first by their hash, in full when the server asks.</summary>
    public void Report(AvailableComponents components) => _reporter.Report(components);

    /// <summary>Runs until it is cancelled, and then says goodbye. Once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var applying = _applier.RunAsync(stopping.Token);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await RunSessionAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await applying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunSessionAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        var end = await TalkAsync(cancellationToken).ConfigureAwait(false);
        _isConnected = false;
        if (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        // The server may have missed whatever was said last.
        _reporter.RequireAll();
        var wait = _backoff.Next(end, _time.GetElapsedTime(began));
        if (!_isAwaySaid || end.WasConnected)
        {
            _isAwaySaid = true;
            LogDisconnected(_options.Endpoint, end.Reason, wait);
        }

        await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<SessionEnd> TalkAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Session().RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Credentials that cannot be read just now, a handler that failed: whatever it is, the agent tries again.
            return new SessionEnd(e.Message, WasConnected: _isConnected);
        }
    }

    private IAgentSession Session() => _options.IsWebSocket
        ? new WebSocketAgentSession(_options, _http, _reporter, _messages, OnConnected, _time, _logger)
        : new HttpAgentSession(_options, _http, _reporter, _messages, OnConnected, _time, _logger);

    private void OnConnected()
    {
        (_isConnected, _isAwaySaid) = (true, false);
        LogConnected(_options.Endpoint, InstanceUid);
    }

    [LoggerMessage(OpAmpClientEventIds.Connected, LogLevel.Information, "OpAMP server {Endpoint} answers agent {Uid}")]
    private partial void LogConnected(Uri endpoint, InstanceUid uid);

    [LoggerMessage(OpAmpClientEventIds.Disconnected, LogLevel.Warning, "OpAMP server {Endpoint} does not answer ({Reason}); next attempt in {Wait}")]
    private partial void LogDisconnected(Uri endpoint, string reason, TimeSpan wait);
}
