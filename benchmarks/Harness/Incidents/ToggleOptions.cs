using System.Globalization;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.Benchmarks.Harness.Incidents;

/// <summary>What the command line asks of <c>eng/toggle.sh</c>.</summary>
internal sealed record ToggleOptions
{
    public int Gateways { get; private init; } = 20;

    public int Toggles { get; private init; } = 100;

    public IReadOnlyList<RedisKind> Servers { get; private init; } = [RedisKind.Garnet, RedisKind.RedisServer];

    /// <exception cref="ArgumentException">An option is unknown.</exception>
    public static ToggleOptions Parse(string[] args)
    {
        var options = new ToggleOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--gateways" => options with { Gateways = Number(args[++i]) },
                "--toggles" => options with { Toggles = Number(args[++i]) },
                "--redis" => options with
                {
                    Servers = args[++i] switch
                    {
                        "garnet" => [RedisKind.Garnet],
                        "redis-server" => [RedisKind.RedisServer],
                        var other => throw new ArgumentException($"--redis {other} is not garnet or redis-server"),
                    },
                },
                var unknown => throw new ArgumentException($"unknown option {unknown}"),
            };
        }

        return options;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
