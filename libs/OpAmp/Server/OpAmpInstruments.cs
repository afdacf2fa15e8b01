using System.Diagnostics.Metrics;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>What the transports count.</summary>
internal sealed class OpAmpInstruments
{
    public const string MeterName = "StellaOps.Telemetry.OpAmp";

    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _discarded;

    public OpAmpInstruments(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _connections = meter.CreateUpDownCounter<long>("telemetry.opamp.connections", "{connection}", "Agents' open WebSocket connections");
        _messages = meter.CreateCounter<long>("telemetry.opamp.messages", "{message}", "Messages from agents, by transport and outcome");
        _discarded = meter.CreateCounter<long>("telemetry.opamp.discarded", "{message}", "Messages to agents that were not sent, by reason");
    }

    public void OnOpened() => _connections.Add(1);

    public void OnClosed() => _connections.Add(-1);

    public void OnMessage(OpAmpTransport transport, string outcome) => _messages.Add(1, new("transport", NameOf(transport)), new("outcome", outcome));

    public void OnDiscarded(string reason) => _discarded.Add(1, new KeyValuePair<string, object?>("reason", reason));

    private static string NameOf(OpAmpTransport transport) => transport == OpAmpTransport.Http ? "http" : "websocket";
}
