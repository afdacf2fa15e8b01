using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>spec.exporters</c>.</summary>
internal static class ExporterReader
{
    private const string Types = "archive, otlp or debug";

    public static IReadOnlyList<ExporterSettings> Read(YamlSection spec)
    {
        var exporters = new List<ExporterSettings>();
        foreach (var section in spec.Sections("exporters"))
        {
            var name = section.Require("name", Scalars.Name, "a name such as archive", "");
            if (name.Length > 0 && exporters.Any(e => e.Name == name))
            {
                section.Fault("name", $"'{name}' is there twice", "give each exporter a name of its own: its cursor is a file of that name");
            }

            switch (section.Require("type", Scalars.Text, Types, ""))
            {
                case "archive":
                    exporters.Add(Archive(section, name));
                    break;
                case "otlp":
                    exporters.Add(OtlpExporterReader.Read(section, name));
                    break;
                case "debug":
                    exporters.Add(Debug(section, name));
                    break;
                case "":
                    break;
                case var unknown:
                    section.Fault("type", $"'{unknown}' is no exporter type", $"write {Types}");
                    break;
            }

            section.Done();
        }

        if (exporters.OfType<ArchiveExporterSettings>().Count() > 1)
        {
            spec.Fault("exporters", "more than one archive exporter", "keep one: they would write the same segments");
        }

        return exporters;
    }

    private static ArchiveExporterSettings Archive(YamlSection section, string name) => new(
        name,
        section.Read("max_segment_bytes", Scalars.Size, "a size such as 8MiB", 8L << 20),
        section.Read("max_segment_age", Scalars.Duration, "a duration such as 5s", TimeSpan.FromSeconds(5)));

    private static DebugExporterSettings Debug(YamlSection section, string name) => new(
        name,
        section.Read("verbosity", Scalars.OneOf(("basic", false), ("detailed", true)), "basic or detailed", false),
        section.Read("max_records", Scalars.Count, "a whole number above 0", 10));
}
