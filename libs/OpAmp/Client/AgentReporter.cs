using System.Threading.Channels;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Tracking;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>
/// What the agent has to say: its state, and which parts of it the server has not heard. It keeps one up-to-date message, not a queue of them.
/// </summary>
internal sealed class AgentReporter(OpAmpAgentOptions options, AgentDescription description)
{
    private readonly Lock _lock = new();

    // Holds at most one sign that there is news.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly AgentToServer _state = new() { AgentDescription = description, RemoteConfigStatus = new RemoteConfigStatus() };
    private ulong _sequence;
    private AgentParts _unsaid = AgentParts.None;
    private bool _isAllUnsaid = true;
    private bool _areComponentsAsked;
    private InstanceUid _uid = options.InstanceUid;
    private InstanceUid _former = options.InstanceUid;

    public InstanceUid Uid
    {
        get
        {
            lock (_lock)
            {
                return _uid;
            }
        }
    }

    public void Report(AgentDescription description) => Change(AgentParts.Description, s => s.AgentDescription, description, s => s.AgentDescription = description);

    public void Report(ComponentHealth health) => Change(AgentParts.Health, s => s.Health, health, s => s.Health = health);

    public void Report(EffectiveConfig config) => Change(AgentParts.EffectiveConfig, s => s.EffectiveConfig, config, s => s.EffectiveConfig = config);

    /// <summary>Both in one message: that it was applied, and what is in force since.</summary>
    public void Report(RemoteConfigStatus status, EffectiveConfig? config)
    {
        lock (_lock)
        {
            if (config is not null)
            {
                Report(config);
            }

            Change(AgentParts.RemoteConfigStatus, s => s.RemoteConfigStatus, status, s => s.RemoteConfigStatus = status);
        }
    }

    public void Report(AvailableComponents components) =>
        Change(AgentParts.AvailableComponents, s => s.AvailableComponents, components, s => s.AvailableComponents = components);

    /// <summary>The server does not know the state, or may not.</summary>
    public void RequireAll()
    {
        lock (_lock)
        {
            _isAllUnsaid = true;
            _news.Writer.TryWrite(true);
        }
    }

    /// <summary>The server wants the components themselves, not only their hash.</summary>
    public void RequireComponents()
    {
        lock (_lock)
        {
            _areComponentsAsked = true;
            _news.Writer.TryWrite(true);
        }
    }

    /// <summary>The agent has another uid from now on, under which the server knows nothing of it.</summary>
    public void Rename(InstanceUid uid)
    {
        lock (_lock)
        {
            (_former, _uid, _isAllUnsaid) = (_uid, uid, true);
            _news.Writer.TryWrite(true);
        }
    }

    /// <summary>Whether a message is for this agent; one that crossed the news of another uid still is.</summary>
    public bool IsAddressed(ByteString uid)
    {
        lock (_lock)
        {
            return uid.IsEmpty || (InstanceUid.TryFrom(uid, out var named) && (named == _uid || named == _former));
        }
    }

    /// <summary>Completes when there is news, or when the time is up.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _news.Reader.ReadAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time for a heartbeat.
        }
    }

    /// <summary>The next message: what has not been said, which may be nothing.</summary>
    public AgentToServer Next()
    {
        lock (_lock)
        {
            // Whatever is signalled up to here is in the message.
            _news.Reader.TryRead(out _);
            var message = Envelope();
            Add(AgentParts.Description, () => message.AgentDescription = _state.AgentDescription);
            Add(AgentParts.Health, () => message.Health = _state.Health, AgentCapabilities.ReportsHealth);
            Add(AgentParts.EffectiveConfig, () => message.EffectiveConfig = _state.EffectiveConfig, AgentCapabilities.ReportsEffectiveConfig);
            Add(AgentParts.RemoteConfigStatus, () => message.RemoteConfigStatus = _state.RemoteConfigStatus, AgentCapabilities.ReportsRemoteConfig);
            Add(AgentParts.AvailableComponents, () => message.AvailableComponents = Components(), AgentCapabilities.ReportsAvailableComponents);
            (_isAllUnsaid, _areComponentsAsked, _unsaid) = (false, false, AgentParts.None);
            return message;
        }
    }

    /// <summary>The last message.</summary>
    public AgentToServer Farewell()
    {
        lock (_lock)
        {
            var message = Envelope();
            message.AgentDisconnect = new AgentDisconnect();
            return message;
        }
    }

    private AgentToServer Envelope() => new() { InstanceUid = _uid.ToByteString(), SequenceNum = ++_sequence, Capabilities = options.CapabilityBits };

    private void Add(AgentParts part, Action add, AgentCapabilities capability = AgentCapabilities.ReportsStatus)
    {
        var isWanted = _isAllUnsaid || (_unsaid & part) != 0 || (part == AgentParts.AvailableComponents && _areComponentsAsked);
        if (isWanted && (options.CapabilityBits & (ulong)capability) != 0)
        {
            add();
        }
    }

    private AvailableComponents? Components() =>
        _areComponentsAsked || _state.AvailableComponents is null ? _state.AvailableComponents : new AvailableComponents { Hash = _state.AvailableComponents.Hash };

    private void Change(AgentParts part, Func<AgentToServer, IMessage?> before, IMessage after, Action<AgentToServer> change)
    {
        lock (_lock)
        {
            if (Equals(before(_state), after))
            {
                return;
            }

            change(_state);
            _unsaid |= part;
            _news.Writer.TryWrite(true);
        }
    }
}
