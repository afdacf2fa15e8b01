using System.Globalization;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness;

/// <summary>What the command line asks for.</summary>
internal sealed record HarnessOptions
{
    public IReadOnlyList<Pipeline> Pipelines { get; private init; } = Catalogue.All;

    public double Seconds { get; private init; } = 10;

    /// <summary>Seconds of load before the measurement; null takes what the pipeline needs.</summary>
    public double? WarmUp { get; private init; }

    /// <summary>Of each named pipeline; the others are measured once.</summary>
    public int Runs { get; private init; } = 3;

    public string? JsonFile { get; private init; }

    public string GatewayAssembly { get; private init; } = "";

    /// <summary>More environment of the gateway.</summary>
    public IReadOnlyDictionary<string, string> GatewaySettings { get; private init; } = new Dictionary<string, string>();

    /// <summary>Leave data folders and log files where they are.</summary>
    public bool Keep { get; private init; }

    /// <exception cref="ArgumentException">An option is unknown.</exception>
    /// <exception cref="FormatException">A value is none.</exception>
    public static HarnessOptions Parse(string[] args)
    {
        var options = new HarnessOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--only" => options with { Pipelines = Catalogue.Choose(args[++i].Split(',')) },
                "--seconds" => options with { Seconds = Number(args[++i]) },
                "--warmup" => options with { WarmUp = Number(args[++i]) },
                "--runs" => options with { Runs = (int)Number(args[++i]) },
                "--json" => options with { JsonFile = Path.GetFullPath(args[++i]) },
                "--gateway" => options with { GatewayAssembly = Path.GetFullPath(args[++i]) },
                "--set" => options with { GatewaySettings = With(options.GatewaySettings, args[++i].Split('=', 2)) },
                "--keep" => options with { Keep = true },
                var unknown => throw new ArgumentException($"unknown option {unknown}"),
            };
        }

        return options.GatewayAssembly.Length > 0 ? options : options with { GatewayAssembly = BuiltProgram.Find("IngestGateway") };
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> settings, string[] pair) =>
        new(settings) { [pair[0]] = pair[1] };
}
