using System.Text;
using Grpc.Core;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>Reads <c>google.rpc.RetryInfo</c> out of <c>grpc-status-details-bin</c>.</summary>
internal static class RetryInfo
{
    /// <summary>0 when there is none.</summary>
    public static int SecondsOf(RpcException refused)
    {
        var details = refused.Trailers.FirstOrDefault(t => t.Key == "grpc-status-details-bin")?.ValueBytes;
        if (details is null)
        {
            return 0;
        }

        Assert.Equal((byte)refused.StatusCode, details[1]);
        var type = "type.googleapis.com/google.rpc.RetryInfo"u8;
        var at = details.AsSpan().IndexOf(type);
        Assert.True(at > 0, Encoding.UTF8.GetString(details));

        // value = 2, 4 bytes: RetryInfo { retry_delay = 1, 2 bytes: Duration { seconds = 1 } }
        Assert.Equal([0x12, 0x04, 0x0A, 0x02, 0x08], details.AsSpan(at + type.Length, 5).ToArray());
        return details[at + type.Length + 5];
    }
}
