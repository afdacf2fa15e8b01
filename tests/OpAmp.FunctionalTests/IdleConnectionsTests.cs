using System.Net.Sockets;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.FunctionalTests;

public sealed class IdleConnectionsTests
{
    private const int Connections = 2_000;

    // Kestrel's own objects, the socket, the WebSocket, and the client's end. 2,000 of them have to leave most of 300 MB to the rest.
    private const int MaxBytesPerConnection = 20_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_OnWhichNothingIsSaid_HoldNoBuffers()
    {
        await using var host = await OpAmpHost.StartAsync(onLoopback: true);
        var clients = new List<WireClient> { await OpenAsync(host, 0) };
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 1; i <= Connections; i++)
        {
            clients.Add(await OpenAsync(host, i));
        }

        host.Server.Messages.Clear();
        host.Server.Agents.Clear();
        var perConnection = (GC.GetTotalMemory(forceFullCollection: true) - before) / Connections;
        TestContext.Current.TestOutputHelper?.WriteLine($"{perConnection} bytes per idle connection, both ends");

        Assert.InRange(perConnection, 1, MaxBytesPerConnection);
        clients.ForEach(c => c.Dispose());
        await Eventually.HoldsAsync(() => host.Server.Connections.Values.All(ended => ended), TimeSpan.FromSeconds(30), "every connection has ended");
    }

    /// <summary>One that has spoken, so that whatever a message needs was needed once.</summary>
    private static async Task<WireClient> OpenAsync(OpAmpHost host, int number)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host.Loopback.Host, host.Loopback.Port, Token);
        var client = await WireClient.OpenAsync(new NetworkStream(socket, ownsSocket: true), Token);
        Assert.Null((await client.ExchangeAsync(TestAgents.Full(TestAgents.Uid(number), 1), Token)).ErrorResponse);
        return client;
    }
}
