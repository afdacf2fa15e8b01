using StellaOps.Telemetry.Profiles.Gateway;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>spec.sampling</c>, in the words of the Collector's tail_sampling processor.</summary>
internal static class SamplingReader
{
    private const string Types = "always_sample, status_code, latency or probabilistic";

    /// <summary>What the incident policy is called in stamps; nobody else may bear it.</summary>
    private const string IncidentPolicyName = "incident";

    public static SamplingSettings Read(YamlSection spec, string key) =>
        spec.Find(key) is YamlScalarNode { Value: SamplingSettings.NoSampling } ? SamplingSettings.Off : Read(spec.Section(key));

    private static SamplingSettings Read(YamlSection sampling)
    {
        var wait = sampling.Read("decision_wait", Scalars.Duration, "a duration such as 5s", TimeSpan.FromSeconds(5));
        var traces = sampling.Read("num_traces", Scalars.Count, "a whole number above 0", 50_000);
        var policies = new List<SamplingPolicy>();
        foreach (var section in sampling.Sections("policies"))
        {
            var name = section.Require("name", Scalars.Name, "a name such as errors", "");
            if (name == IncidentPolicyName)
            {
                section.Fault("name", $"'{IncidentPolicyName}' is the name of the built-in incident policy", "choose another");
            }
            else if (name.Length > 0 && policies.Any(p => p.Name == name))
            {
                section.Fault("name", $"'{name}' is there twice", "give each policy a name of its own: stamps and metrics tell them apart by it");
            }

            if (Policy(section, name) is { } policy)
            {
                policies.Add(policy);
            }

            section.Done();
        }

        if (policies.Count == 0 && sampling.Find("policies") is null)
        {
            sampling.Fault("policies", "missing: no trace would be kept", "write at least one policy; '- {name: all, type: always_sample}' keeps everything");
        }

        if (wait > TimeSpan.FromMinutes(5))
        {
            sampling.Fault("decision_wait", "longer than 5 minutes", "shorten it: every undecided trace costs memory for so long");
        }

        sampling.Done();
        return new SamplingSettings(wait, traces, policies);
    }

    private static SamplingPolicy? Policy(YamlSection section, string name)
    {
        switch (section.Require("type", Scalars.Text, Types, ""))
        {
            case "always_sample":
                return new AlwaysSamplePolicy(name);
            case "status_code":
                var status = section.Section("status_code");
                var codes = status.List("status_codes", Scalars.OneOf(("UNSET", 0), ("OK", 1), ("ERROR", 2)), "OK, ERROR or UNSET");
                if (codes.Count == 0)
                {
                    status.Fault("status_codes", "names no status code", "write [ERROR]");
                }

                status.Done();
                return new StatusCodePolicy(name, codes);
            case "latency":
                var latency = section.Section("latency");
                var threshold = latency.Require("threshold", Scalars.Duration, "2s", TimeSpan.FromSeconds(1));
                latency.Done();
                return new LatencyPolicy(name, threshold);
            case "probabilistic":
                var probabilistic = section.Section("probabilistic");
                var percentage = probabilistic.Require("sampling_percentage", Scalars.Percentage, "10", 0.0);
                probabilistic.Done();
                return new ProbabilisticPolicy(name, percentage);
            case "":
                return null;
            case var unknown:
                section.Fault("type", $"'{unknown}' is no policy type", $"write {Types}");
                return null;
        }
    }
}
