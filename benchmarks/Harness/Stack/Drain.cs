using System.Diagnostics;

namespace StellaOps.Telemetry.Benchmarks.Harness.Stack;

/// <summary>Waits after a load until everything acknowledged is accounted for, or for a minute.</summary>
internal static class Drain
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task<(long Exported, long SampledOut)> WaitAsync(string signal, long acknowledged, SinkPeer sink, GatewayProcess? gateway)
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            var sampledOut = gateway is null ? 0 : (await gateway.LedgerAsync()).SampledOut;
            var exported = await sink.RecordsAsync(signal);
            if (exported + sampledOut >= acknowledged || Stopwatch.GetElapsedTime(begin) > s_patience)
            {
                return (exported, sampledOut);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }
}
