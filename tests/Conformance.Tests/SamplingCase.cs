using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Conformance.Tests;

/// <summary>One case: what is configured, what happens when, and what has to be decided of each trace or record.</summary>
internal sealed record SamplingCase(
    string Name, YamlNode Sampling, IReadOnlyList<SamplingStep> Steps, TimeSpan? Until, IReadOnlyDictionary<string, string> Expected, string? Refused)
{
    public static IEnumerable<SamplingCase> ReadAll(string file)
    {
        using var reader = File.OpenText(file);
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(d => Read((YamlMappingNode)d.RootNode))];
    }

    private static SamplingCase Read(YamlMappingNode map) => new(
        map["case"].ToString(),
        map["sampling"],
        map.Children.TryGetValue("steps", out var steps) ? [.. ((YamlSequenceNode)steps).Select(s => SamplingStep.Read((YamlMappingNode)s))] : [],
        map.Children.TryGetValue("until", out var until) ? SamplingStep.Duration(until) : null,
        map.Children.TryGetValue("expected", out var expected)
            ? ((YamlMappingNode)expected).ToDictionary(e => e.Key.ToString(), e => Fate(e.Value))
            : new Dictionary<string, string>(),
        map.Children.TryGetValue("refused", out var refused) ? refused.ToString() : null);

    /// <summary>As <see cref="SamplingRun"/> prints what became of a record.</summary>
    private static string Fate(YamlNode node) => node is YamlMappingNode map
        ? $"kept by {map["kept"]} at {map["rate"]}" + (map.Children.TryGetValue("incident", out var incident) ? $" for {incident}" : "")
        : node.ToString();
}

/// <summary>Something that happens at a time.</summary>
internal sealed record SamplingStep(TimeSpan At, string Kind, YamlNode Value, string Tenant)
{
    public static SamplingStep Read(YamlMappingNode map)
    {
        var (key, value) = map.Children.Single(c => c.Key.ToString() is "traces" or "logs" or "metrics" or "incident" or "restart" or "sampling");
        return new SamplingStep(Duration(map["at"]), key.ToString(), value, map.Children.TryGetValue("tenant", out var tenant) ? tenant.ToString() : "acme");
    }

    /// <summary>A number with ms, s or m.</summary>
    public static TimeSpan Duration(YamlNode node)
    {
        var text = node.ToString();
        var number = double.Parse(text.TrimEnd('m', 's'), System.Globalization.CultureInfo.InvariantCulture);
        return text.EndsWith("ms", StringComparison.Ordinal) ? TimeSpan.FromMilliseconds(number)
            : text.EndsWith('m') ? TimeSpan.FromMinutes(number)
            : TimeSpan.FromSeconds(number);
    }
}
