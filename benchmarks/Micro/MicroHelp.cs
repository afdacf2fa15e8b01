namespace StellaOps.Telemetry.Benchmarks.Micro;

internal static class MicroHelp
{
    private const string Text =
        """
          Micro hot-paths [NAME...]            time and allocation of each hot path, per record (BenchmarkDotNet)
          Micro pipeline KIND [SECONDS]        the gateway's pipeline without a network, as fast as one thread feeds it; one line of JSON.
                                               KIND: passthrough, redaction, sampling or forensic
        """;

    public static int Show()
    {
        Console.Out.WriteLine(Text);
        return 0;
    }
}
