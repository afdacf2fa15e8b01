using System.Globalization;

namespace StellaOps.Telemetry.Benchmarks.Harness.Searching;

/// <summary>What <c>eng/search.sh</c> asks for.</summary>
internal sealed record SearchBenchOptions
{
    /// <summary>Content of the archive, uncompressed.</summary>
    public double GigaBytes { get; private init; } = 2;

    /// <summary>Content of a segment: what a gateway fills by default.</summary>
    public int SegmentMiB { get; private init; } = 8;

    /// <summary>How often each is measured.</summary>
    public int Rounds { get; private init; } = 3;

    /// <exception cref="ArgumentException">An option is unknown.</exception>
    /// <exception cref="FormatException">A value is none.</exception>
    public static SearchBenchOptions Parse(string[] args)
    {
        var options = new SearchBenchOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--gigabytes" => options with { GigaBytes = double.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--segment" => options with { SegmentMiB = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--rounds" => options with { Rounds = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                var unknown => throw new ArgumentException($"unknown option {unknown}"),
            };
        }

        return options;
    }
}
