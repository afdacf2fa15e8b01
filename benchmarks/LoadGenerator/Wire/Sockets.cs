using System.Net;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>Blocking sockets: a call is a system call, with no poll between.</summary>
internal static class Sockets
{
    public static Socket Connect(Uri target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(new IPEndPoint(IPAddress.Parse(target.Host), target.Port));
        return socket;
    }

    public static void SendAll(this Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }
}
