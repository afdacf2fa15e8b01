using System.Globalization;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Scenarios;

/// <summary>What the command line asks of a scenario; each uses what concerns it.</summary>
internal sealed record ScenarioOptions
{
    public Middle Pipeline { get; private init; } = Middle.Sampling;

    public double Seconds { get; private init; } = 5;

    /// <summary>How often each is measured.</summary>
    public int Rounds { get; private init; } = 3;

    public double Minutes { get; private init; } = 30;

    /// <summary>Share of the capacity that a soak offers.</summary>
    public double Load { get; private init; } = 0.7;

    public double MemoryLimitMiB { get; private init; } = 400;

    public string? Only { get; private init; }

    public string GatewayAssembly { get; } = BuiltProgram.Find("IngestGateway");

    /// <exception cref="ArgumentException">An option is unknown.</exception>
    public static ScenarioOptions Parse(string[] args)
    {
        var options = new ScenarioOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--pipeline" => options with { Pipeline = Enum.Parse<Middle>(args[++i], ignoreCase: true) },
                "--seconds" => options with { Seconds = Number(args[++i]) },
                "--rounds" => options with { Rounds = Math.Max(1, (int)Number(args[++i])) },
                "--minutes" => options with { Minutes = Number(args[++i]) },
                "--load" => options with { Load = Number(args[++i]) },
                "--limit" => options with { MemoryLimitMiB = Number(args[++i]) },
                "--only" => options with { Only = args[++i] },
                var unknown => throw new ArgumentException($"unknown option {unknown}"),
            };
        }

        return options;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
