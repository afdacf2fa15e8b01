using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>spec.sampling</c>, in the words of the Collector's tail_sampling processor.</summary>
internal static class SamplingReader
{
    private const string CountForm = "a whole number, 0 for none";

    public static SamplingSettings Read(YamlSection spec, string key) =>
        spec.Find(key) is ScalarNode { Text: SamplingSettings.NoSampling } ? SamplingSettings.Off : Read(spec.Section(key));

    private static SamplingSettings Read(YamlSection sampling)
    {
        var settings = new SamplingSettings(
            sampling.Read("decision_wait", Scalars.Duration, "a duration such as 5s", TimeSpan.FromSeconds(5)),
            sampling.Read("num_traces", Scalars.Count, "a whole number above 0", 50_000),
            SamplingPolicyReader.ReadAll(sampling, "policies"));
        settings = settings with { MaxBytes = sampling.Buffer("max_bytes", settings.MaxBytes, Scalars.MaxMemory) };
        var cache = sampling.Section("decision_cache");
        settings = settings with
        {
            SampledCacheSize = cache.Read("sampled_cache_size", SamplingScalars.CountOrNone, CountForm, settings.SampledCacheSize),
            NonSampledCacheSize = cache.Read("non_sampled_cache_size", SamplingScalars.CountOrNone, CountForm, settings.NonSampledCacheSize),
            Logs = Logs(sampling.Section("logs")),
            Head = HeadSamplingReader.Read(sampling.Section("head")),
        };
        cache.Done();
        if (settings.Policies.Count == 0 && sampling.Find("policies") is null)
        {
            sampling.Conflict("policies", "missing: no trace would be kept", "write at least one policy; '- {name: all, type: always_sample}' keeps everything");
        }

        if (settings.DecisionWait > TimeSpan.FromMinutes(5))
        {
            sampling.Fault("decision_wait", "longer than 5 minutes", "shorten it: every undecided trace costs memory for so long");
        }

        if (settings.MaxBytes < 1 << 20)
        {
            sampling.Fault("max_bytes", $"{settings.MaxBytes} bytes is below 1MiB", "raise it: traces would be decided before their spans are there");
        }

        sampling.Done();
        return settings;
    }

    private static LogSampling Logs(YamlSection logs)
    {
        var withTrace = logs.Read("keep", Scalars.OneOf(("all", false), ("with_trace", true)), "all or with_trace", false);
        var percentage = logs.Read("sampling_percentage", Scalars.Percentage, "a percentage such as 10", 0.0);
        if (!withTrace && logs.Find("sampling_percentage") is not null)
        {
            logs.Conflict("sampling_percentage", "set while all logs are kept", "remove it, or write 'keep: with_trace'");
        }

        logs.Done();
        return withTrace ? new LogSampling(true, percentage) : LogSampling.All;
    }
}
