using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Turns the document's sections into the model, section by section; rules over several of them are in <see cref="Validation.ProfileRules"/>.</summary>
internal static class ProfileReader
{
    private const string DurationForm = "a duration such as 5s, 15m or 1h30m";

    /// <summary>The profile that <c>spec</c> makes; what stands in for what is wrong stays in it.</summary>
    public static Profile Read(string name, string description, YamlSection spec)
    {
        var profile = new Profile(
            name,
            description,
            spec.Require("environment", Scalars.OneOf(("development", DeploymentEnvironment.Development), ("production", DeploymentEnvironment.Production)), "development or production", DeploymentEnvironment.Production),
            IngestReader.Read(spec.Section("ingest")),
            spec.Require("redaction", Scalars.Name, "the name of a policy such as baseline", ""),
            spec.Require("durability", Scalars.OneOf(("write", Durability.Write), ("fsync", Durability.Fsync)), "write (survives the process) or fsync (survives the machine)", Durability.Fsync),
            Recorder(spec.Section("recorder")),
            SamplingReader.Read(spec, "sampling"),
            ExporterReader.Read(spec),
            Incident(spec.Section("incident")),
            RetentionReader.Read(spec, "retention"),
            Sealed(spec.Section("sealed")))
        {
            MultiTenant = spec.Read("multi_tenant", Scalars.Flag, "true or false", false),
            Storage = StorageReader.Read(spec, "storage"),
            Edge = EdgeReader.Read(spec, "edge"),
        };
        spec.Done();
        return profile;
    }

    private static RecorderSettings Recorder(YamlSection recorder)
    {
        var result = new RecorderSettings(
            recorder.Read("max_age", Scalars.Duration, DurationForm, TimeSpan.FromMinutes(15)),
            recorder.Buffer("max_bytes", 1L << 30, Scalars.MaxDisk),
            recorder.Read("file_bytes", Scalars.SmallSize, "a size such as 64MiB, at most 1GiB", 64 << 20),
            recorder.Read("tenant_share", Scalars.Share, "a share above 0 and at most 1", 0.5),
            recorder.Buffer("spill_bytes", RecorderSettings.DefaultSpillBytes, Scalars.MaxDisk));
        if (result.MaxBytes < 4L * result.FileBytes)
        {
            recorder.Conflict("max_bytes", $"{result.MaxBytes} bytes holds fewer than four files of {result.FileBytes}", "raise it to at least four times file_bytes: one file is written, one is read, and reuse goes file by file");
        }

        if (result.SpillBytes < result.FileBytes)
        {
            recorder.Conflict("spill_bytes", $"{result.SpillBytes} bytes does not hold what one file of {result.FileBytes} may hold", "raise it to at least file_bytes: files are copied aside whole");
        }

        recorder.Done();
        return result;
    }

    private static IncidentProfile Incident(YamlSection incident)
    {
        var result = new IncidentProfile(
            incident.Read("sampling_rate", Scalars.Share, "a share above 0 and at most 1", 1.0),
            incident.Read("lookback", Scalars.Duration, DurationForm, TimeSpan.FromMinutes(15)),
            incident.Read("cooldown", Scalars.Duration, DurationForm, TimeSpan.FromMinutes(5)),
            incident.Read("ceiling", Scalars.Duration, DurationForm, TimeSpan.FromHours(24)));
        if (result.Cooldown > result.Ceiling)
        {
            incident.Conflict("cooldown", "longer than the ceiling", "shorten it, or raise the ceiling");
        }

        incident.Done();
        return result;
    }

    private static SealedProfile Sealed(YamlSection section)
    {
        var result = new SealedProfile(
            section.Read("enabled", Scalars.Flag, "true or false", false),
            section.List<string>("allowlist", Destination, "a host such as tempo.internal:4317, *.site.example, 10.1.2.3 or 10.1.0.0/16"));
        section.Done();
        return result;
    }

    private static bool Destination(string text, out string value)
    {
        value = text;
        return EgressRule.TryParse(text, out _);
    }
}
