using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>Reads <c>google.rpc.RetryInfo</c> out of <c>grpc-status-details-bin</c>.</summary>
internal static class RetryInfo
{
    /// <summary>0 when there is none.</summary>
    public static double SecondsOf(RpcException refused)
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

        // value = 2: RetryInfo { retry_delay = 1: Duration { seconds = 1, nanos = 2 } }
        var value = details.AsSpan(at + type.Length);
        Assert.Equal([0x12, 0x0A], new[] { value[0], value[2] });
        var duration = Duration.Parser.ParseFrom(value[4..(2 + value[1])].ToArray());
        Assert.True(duration.Seconds > 0 || duration.Nanos > 0);
        return duration.ToTimeSpan().TotalSeconds;
    }
}
