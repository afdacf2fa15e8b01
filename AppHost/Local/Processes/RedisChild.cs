using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StellaOps.Telemetry.AppHost.Plan;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>Garnet, without persistence: what is in Redis is rebuilt by reconciliation.</summary>
internal sealed class RedisChild(Resource resource, LocalContext context) : IChildKind
{
    private readonly int _port = context.Port(resource, Topology.Tcp);

    public Task<ChildCommand> PrepareAsync(CancellationToken cancellationToken)
    {
        var (file, arguments) = BuiltAssembly.Command(
            resource, "--bind", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--memory", "256m", "--index", "16m", "-q");
        return Task.FromResult(new ChildCommand(file, arguments, context.EnvironmentOf(resource), context.State.Sub("redis"), Supervised: false));
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            var answer = new byte[7];
            await stream.ReadExactlyAsync(answer, cancellationToken);
            return answer.AsSpan().SequenceEqual("+PONG\r\n"u8);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public int? WorkingProcessId() => null;
}
