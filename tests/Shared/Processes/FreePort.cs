using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace StellaOps.Telemetry.Tests.Shared.Processes;

/// <summary>A loopback port that nobody listens on just now.</summary>
public static class FreePort
{
    /// <summary>Below the kernel's ephemeral range (32768 and up), so that no outgoing connection and no other test's listener takes it before its owner does.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(15000, 32000);
            if (IsFree(port))
            {
                return port;
            }
        }
    }

    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
