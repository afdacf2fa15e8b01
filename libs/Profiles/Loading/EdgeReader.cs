using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>spec.edge</c>.</summary>
internal static class EdgeReader
{
    private const string PathForm = "an absolute path such as /etc/otelcol/tls.crt";

    /// <summary>What people put before the queue, and why it must not stand there.</summary>
    private static readonly Dictionary<string, string> s_refused = new(StringComparer.Ordinal)
    {
        ["batch"] = "holds records in memory, after the sender was told that they are safe and before the persistent queue has them: a crash loses them",
        ["groupbytrace"] = "holds records in memory, before the persistent queue has them: a crash loses them",
        ["tail_sampling"] = "samples upstream of the gateway, which then can neither look back nor keep all of an incident",
        ["probabilistic_sampler"] = "samples upstream of the gateway, which then can neither look back nor keep all of an incident",
    };

    public static EdgeProfile? Read(YamlSection spec, string key)
    {
        if (spec.Find(key) is null)
        {
            return null;
        }

        var edge = spec.Section(key);
        var result = new EdgeProfile(
            edge.Require("gateway", HttpsUrl, "https://gateway.example.org:4317", new Uri("https://127.0.0.1")),
            edge.Require("cert_file", Scalars.UnixPath, PathForm, ""),
            edge.Require("key_file", Scalars.UnixPath, PathForm, ""),
            edge.Require("ca_file", Scalars.UnixPath, PathForm, ""),
            edge.Buffer("memory_limit", 512L << 20, Scalars.MaxMemory),
            edge.Buffer("queue_bytes", 4L << 30, Scalars.MaxDisk),
            edge.Read("storage_path", Scalars.UnixPath, "an absolute path such as /var/lib/otelcol/queue", "/var/lib/otelcol/queue"));
        result = edge.Find("processors") is null ? result : result with { Processors = Processors(edge) };
        edge.Done();
        return result;
    }

    private static IReadOnlyList<string> Processors(YamlSection edge)
    {
        var all = string.Join(", ", EdgeProfile.AllProcessors);
        var processors = edge.List<string>("processors", Scalars.Text, "a processor such as memory_limiter");
        for (var i = 0; i < processors.Count; i++)
        {
            var name = processors[i];
            if (s_refused.TryGetValue(name.Split('/')[0], out var reason))
            {
                edge.FaultEntry("processors", i, $"'{name}' {reason}", "remove it: the queue makes requests of the right size itself, and the gateway samples");
            }
            else if (!EdgeProfile.AllProcessors.Contains(name))
            {
                edge.FaultEntry("processors", i, $"'{name}' is no processor that edge Collectors have", $"write some of {all}");
            }
            else if (processors.Take(i).Contains(name))
            {
                edge.FaultEntry("processors", i, $"'{name}' is there twice", "keep one of them");
            }
        }

        if (processors.Count > 0 && processors[0] != EdgeProfile.MemoryLimiter)
        {
            edge.FaultEntry("processors", 0, $"'{processors[0]}' comes before memory_limiter", "begin with memory_limiter: what others hold already is not limited any more");
        }

        if (processors.Count > 0 && processors[^1] != EdgeProfile.Redaction)
        {
            edge.FaultEntry("processors", processors.Count - 1, $"'{processors[^1]}' comes last", "end with redaction: nothing may reach the queue's disk that it did not see");
        }
        else if (processors.Count == 0)
        {
            edge.Fault("processors", "names no processor", $"write [{all}], or remove it");
        }

        return processors;
    }

    private static bool HttpsUrl(string text, out Uri value) => Scalars.HttpUrl(text, out value) && value.Scheme == "https";
}
