using System.Globalization;
using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>What a process's <c>/metrics</c> said at one moment.</summary>
public sealed partial class MetricsScrape
{
    private MetricsScrape(IReadOnlyList<MetricSample> samples) => Samples = samples;

    /// <summary>Every sample, in the order of the text.</summary>
    public IReadOnlyList<MetricSample> Samples { get; }

    /// <summary>Scrapes a process, as Prometheus does.</summary>
    /// <param name="process">Root of its API.</param>
    public static async Task<MetricsScrape> ReadAsync(Uri process, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return Parse(await http.GetStringAsync(new Uri(process, "/metrics"), cancellationToken));
    }

    /// <summary>The sum of a metric's samples that carry all these labels; 0 when there are none.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) => Samples
        .Where(s => s.Name == name && labels.All(l => s.Labels.GetValueOrDefault(l.Name) == l.Value))
        .Sum(s => s.Value);

    /// <summary>Reads the text format: <c>telemetry_ingest_violations_total{otel_scope_name="x",reason="too_deep"} 2 1764000000000</c>.</summary>
    internal static MetricsScrape Parse(string text) => new([.. text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line[0] != '#')
        .Select(line => Sample().Match(line) is { Success: true } m ? m : throw new FormatException("not a sample: " + line))
        .Select(m => new MetricSample(
            m.Groups["name"].Value,
            Label().Matches(m.Groups["labels"].Value).ToDictionary(l => l.Groups["name"].Value, l => l.Groups["value"].Value, StringComparer.Ordinal),
            m.Groups["value"].Value switch
            {
                "+Inf" => double.PositiveInfinity,
                "-Inf" => double.NegativeInfinity,
                var number => double.Parse(number, CultureInfo.InvariantCulture),
            }))]);

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})? (?<value>\S+)( \d+)?\r?$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)["]""", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();
}

/// <summary>One sample of a scrape.</summary>
public sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
