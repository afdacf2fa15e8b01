using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>What a pipeline or the service uses is declared, and what is declared is used: the Collector refuses the first, and the second is a mistake.</summary>
internal static class DeclarationRules
{
    private static readonly string[] s_sections = ["receivers", "processors", "exporters", "extensions", "service"];

    public static void Check(CollectorConfig config, FaultList faults)
    {
        foreach (var entry in config.Root.Entries.Where(e => !s_sections.Contains(e.Key)))
        {
            faults.Add(entry.KeyPlace, entry.Key, "a section that an edge Collector has no need of", $"remove it, or use one of: {string.Join(", ", s_sections)}");
        }

        if (config.Pipelines.Count == 0)
        {
            faults.Add(config.Root.Place, "service.pipelines", "no pipeline", "declare traces, metrics and logs");
        }

        Check(config, "receivers", p => p.Receivers, faults);
        Check(config, "processors", p => p.Processors, faults);
        Check(config, "exporters", p => p.Exporters, faults);
        Match(config, "extensions", config.StartedExtensions, faults);
    }

    private static void Check(CollectorConfig config, string section, Func<CollectorPipeline, IReadOnlyList<ScalarNode>> of, FaultList faults)
    {
        Match(config, section, [.. config.Pipelines.SelectMany(of)], faults);
        foreach (var pipeline in config.Pipelines.Where(p => section != "processors" && of(p).Count == 0))
        {
            faults.Add(pipeline.Place, $"service.pipelines.{pipeline.Name}.{section}", "empty", "name at least one");
        }
    }

    private static void Match(CollectorConfig config, string section, IReadOnlyList<ScalarNode> used, FaultList faults)
    {
        var declared = config.Declared(section);
        foreach (var id in used.Where(u => declared.All(d => d.Key != u.Text)))
        {
            faults.Add(id.Place, $"{section}.{id.Text}", "used and not declared", $"declare it under {section}, or take it out of service");
        }

        foreach (var entry in declared.Where(d => used.All(u => u.Text != d.Key)))
        {
            faults.Add(entry.KeyPlace, $"{section}.{entry.Key}", "declared and not used", "use it in service, or remove it");
        }
    }
}
