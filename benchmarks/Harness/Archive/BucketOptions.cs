using System.Globalization;

namespace StellaOps.Telemetry.Benchmarks.Harness.Archive;

/// <summary>What the command line asks of <c>eng/s3.sh</c>.</summary>
internal sealed record BucketOptions
{
    public int Objects { get; private init; } = 24;

    /// <summary>Of each object.</summary>
    public int MiB { get; private init; } = 32;

    /// <summary>Puts and gets at once.</summary>
    public int Parallel { get; private init; } = 2;

    public int Rounds { get; private init; } = 3;

    /// <exception cref="ArgumentException">An option is unknown.</exception>
    public static BucketOptions Parse(string[] args)
    {
        var options = new BucketOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--objects" => options with { Objects = Number(args[++i]) },
                "--mib" => options with { MiB = Number(args[++i]) },
                "--parallel" => options with { Parallel = Number(args[++i]) },
                "--rounds" => options with { Rounds = Number(args[++i]) },
                var unknown => throw new ArgumentException($"unknown option {unknown}"),
            };
        }

        return options;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
