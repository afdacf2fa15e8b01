using System.Globalization;

namespace StellaOps.Telemetry.Benchmarks.Harness.Fleet;

/// <summary>What the command line asks of <c>eng/fleet.sh</c>.</summary>
internal sealed record FleetOptions
{
    public int Agents { get; private init; } = 2_000;

    /// <summary>Of the agents, how many poll over HTTP; the others hold a WebSocket.</summary>
    public int Polling { get; private init; } = 100;

    /// <summary>Of the agents, how many judge what they are offered as a gateway does; on real fleets each does so on its own machine.</summary>
    public int Judging { get; private init; } = 40;

    public string Canary { get; private init; } = "1%";

    public int SoakSeconds { get; private init; } = 5;

    /// <summary>How long the fleet is watched while nothing changes.</summary>
    public int IdleSeconds { get; private init; } = 60;

    /// <exception cref="ArgumentException">An option is unknown.</exception>
    public static FleetOptions Parse(string[] args)
    {
        var options = new FleetOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--agents" => options with { Agents = Number(args[++i]) },
                "--polling" => options with { Polling = Number(args[++i]) },
                "--judging" => options with { Judging = Number(args[++i]) },
                "--canary" => options with { Canary = args[++i] },
                "--soak" => options with { SoakSeconds = Number(args[++i]) },
                "--idle" => options with { IdleSeconds = Number(args[++i]) },
                var unknown => throw new ArgumentException($"unknown option {unknown}"),
            };
        }

        return options;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
