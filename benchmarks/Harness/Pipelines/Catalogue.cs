namespace StellaOps.Telemetry.Benchmarks.Harness.Pipelines;

/// <summary>Every row of the table.</summary>
internal static class Catalogue
{
    private const double Paced = 100_000;

    public static IReadOnlyList<Pipeline> All { get; } =
    [
        new("floor", Middle.Floor) { IsNamed = true },
        new("passthrough", Middle.Passthrough) { IsNamed = true },
        new("redaction", Middle.Redaction) { IsNamed = true },
        new("sampling", Middle.Sampling) { IsNamed = true },
        new("forensic", Middle.Forensic) { IsNamed = true },
        new("sink", Middle.None),
        new("no-network/passthrough", Middle.Passthrough) { IsWithoutNetwork = true },
        new("no-network/redaction", Middle.Redaction) { IsWithoutNetwork = true },
        new("no-network/sampling", Middle.Sampling) { IsWithoutNetwork = true },
        new("floor/stock", Middle.StockFloor),
        new("floor/paced", Middle.Floor) { Rate = Paced },
        new("passthrough/paced", Middle.Passthrough) { Rate = Paced },
        new("redaction/paced", Middle.Redaction) { Rate = Paced },
        new("sampling/paced", Middle.Sampling) { Rate = Paced },
        new("forensic/paced", Middle.Forensic) { Rate = Paced },
        new("passthrough/http", Middle.Passthrough) { IsHttp = true },
        new("redaction/http", Middle.Redaction) { IsHttp = true },
        new("sampling/http", Middle.Sampling) { IsHttp = true },
        new("sampling/http-gzip", Middle.Sampling) { IsHttp = true, IsGzip = true },
        new("passthrough/grpc-gzip", Middle.Passthrough) { IsGzip = true },
        new("passthrough/logs", Middle.Passthrough) { Signal = "logs" },
        new("passthrough/metrics", Middle.Passthrough) { Signal = "metrics" },
    ];

    /// <summary>Those whose names were asked for; <c>name/*</c> asks for all of a family.</summary>
    /// <exception cref="ArgumentException">A name is none.</exception>
    public static IReadOnlyList<Pipeline> Choose(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return All;
        }

        foreach (var name in names.Where(n => !All.Any(p => Matches(p.Name, n))))
        {
            throw new ArgumentException($"no pipeline is named '{name}': {string.Join(' ', All.Select(p => p.Name))}");
        }

        return [.. All.Where(p => names.Any(n => Matches(p.Name, n)))];
    }

    private static bool Matches(string name, string wanted) =>
        wanted.EndsWith("/*", StringComparison.Ordinal) ? name.StartsWith(wanted[..^1], StringComparison.Ordinal)
        : wanted.StartsWith("*/", StringComparison.Ordinal) ? name.EndsWith(wanted[1..], StringComparison.Ordinal)
        : name == wanted;
}
