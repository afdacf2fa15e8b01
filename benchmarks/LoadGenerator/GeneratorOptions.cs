using System.Globalization;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator;

/// <summary>What is sent, where to, how fast.</summary>
internal sealed record GeneratorOptions
{
    private const string Help =
        """
        Sends OTLP requests that are serialised once, and counts what is acknowledged.

          --target URL         http://127.0.0.1:4317
          --protocol NAME      grpc (default) or http
          --signal NAME        traces (default), logs or metrics
          --gzip               compress bodies, while sending
          --connections N      each with one request in flight (default 4)
          --rate N             records a second, at most; 0 (default) sends as fast as answers come
          --open-loop N        send at --rate whether answers come or not, with at most N requests in flight on each connection
          --keys FILE          ingest keys, one a line; each group of traces takes the next one

        It reads commands from its standard input, one a line: 'mark' prints what was counted so far as a line of JSON, 'rate N' changes
        the rate, 'stop' (or the end of the input) waits for what is in flight, prints the same and ends.

          LoadGenerator --target http://127.0.0.1:4317 --keys keys.txt
          LoadGenerator --target http://127.0.0.1:4318 --protocol http --signal logs --rate 50000 --keys keys.txt
        """;

    public Uri Target { get; private init; } = new("http://127.0.0.1:4317");

    public bool IsHttp { get; private init; }

    public string Signal { get; private init; } = "traces";

    public bool IsGzip { get; private init; }

    public int Connections { get; private init; } = 4;

    public double Rate { get; private init; }

    public int OpenLoopInFlight { get; private init; }

    public IReadOnlyList<string> Keys { get; private init; } = [""];

    public static int ShowHelp()
    {
        Console.Out.WriteLine(Help);
        return 0;
    }

    /// <exception cref="ArgumentException">An option is unknown, or its value is none.</exception>
    public static GeneratorOptions Parse(string[] args)
    {
        var options = new GeneratorOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--target" => options with { Target = new Uri(args[++i]) },
                "--protocol" => options with { IsHttp = args[++i] == "http" },
                "--signal" => options with { Signal = args[++i] },
                "--gzip" => options with { IsGzip = true },
                "--connections" => options with { Connections = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--rate" => options with { Rate = double.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--open-loop" => options with { OpenLoopInFlight = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--keys" => options with { Keys = [.. File.ReadAllLines(args[++i]).Where(l => l.Length > 0)] },
                var unknown => throw new ArgumentException($"unknown option {unknown}; --help shows them"),
            };
        }

        return options;
    }
}
