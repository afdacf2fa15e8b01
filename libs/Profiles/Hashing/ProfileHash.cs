using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;
using static StellaOps.Telemetry.Profiles.Hashing.CanonicalMap;

namespace StellaOps.Telemetry.Profiles.Hashing;

/// <summary>
/// The identity of a profile in force: SHA-256 over the canonical JSON of what it resolves to (defaults written out, keys in ordinal order,
/// no blanks) with the SHA-256 of the redaction policy's text in it. Comments and layout of the profile do not count; one character of the policy does.
/// </summary>
public static class ProfileHash
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Lower-case hex.</summary>
    /// <param name="redactionPolicyText">The policy document as it stands in its file; empty when the profile switches redaction off.</param>
    public static string Compute(Profile profile, string redactionPolicyText) =>
        Convert.ToHexStringLower(SHA256.HashData(Canonical(profile, redactionPolicyText)));

    /// <summary>The bytes that are hashed.</summary>
    public static byte[] Canonical(Profile profile, string redactionPolicyText)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, s_options);
        var map = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["apiVersion"] = Profile.ApiVersion,
            ["durability"] = Name(profile.Durability),
            ["environment"] = Name(profile.Environment),
            ["exporters"] = profile.Exporters.Select(ExporterHash.Of),
            ["incident"] = CanonicalMap.Of(("ceiling", profile.Incident.Ceiling), ("cooldown", profile.Incident.Cooldown), ("lookback", profile.Incident.Lookback), ("samplingRate", profile.Incident.SamplingRate)),
            ["ingest"] = CanonicalMap.Of(
                ("grpc", profile.Ingest.GrpcUrl.ToString()), ("http", profile.Ingest.HttpUrl.ToString()),
                ("maxDecompressed", profile.Ingest.Limits.MaxDecompressedBytes), ("maxDepth", profile.Ingest.Limits.MaxDepth),
                ("maxRecords", profile.Ingest.Limits.MaxRecordsPerRequest), ("maxRequest", profile.Ingest.Limits.MaxRequestBytes),
                ("quotas", Quotas(profile.Ingest.Limits.Quotas)), ("tls", profile.Ingest.Tls is { } tls ? Tls(tls) : null)),
            ["name"] = profile.Name,
            ["recorder"] = CanonicalMap.Of(("fileBytes", profile.Recorder.FileBytes), ("maxAge", profile.Recorder.MaxAge), ("maxBytes", profile.Recorder.MaxBytes), ("tenantShare", profile.Recorder.TenantShare))
                .AddUnless(profile.Recorder.SpillBytes == RecorderSettings.DefaultSpillBytes, "spillBytes", profile.Recorder.SpillBytes),
            ["redaction"] = profile.Redaction,
            ["redactionPolicySha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(redactionPolicyText))),
            ["retention"] = profile.Retention.Select(RetentionHash.Of),
            ["sampling"] = profile.Sampling.IsOff ? SamplingSettings.NoSampling : Sampling(profile.Sampling),
            ["sealed"] = CanonicalMap.Of(("allowlist", profile.Sealed.Allowlist), ("enabled", profile.Sealed.Enabled)),
        };
        map.AddUnless(!profile.MultiTenant, "multiTenant", true);
        map.AddUnless(profile.Storage is null, "storage", profile.Storage is { } storage ? StorageHash.Of(storage) : null);
        map.AddUnless(profile.Edge is null, "edge", profile.Edge is { } edge ? StorageHash.Of(edge) : null);
        Write(json, map);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static SortedDictionary<string, object?> Sampling(SamplingSettings sampling)
    {
        var defaults = new SamplingSettings(sampling.DecisionWait, sampling.NumTraces, []);
        var map = CanonicalMap.Of(("decisionWait", sampling.DecisionWait), ("numTraces", sampling.NumTraces), ("policies", sampling.Policies.Select(Policy)));
        map.AddUnless(sampling.Head.IsDefault, "head", HeadSamplingHash.Of(sampling.Head));
        map.AddUnless(sampling.Logs == defaults.Logs, "logs", CanonicalMap.Of(("percentage", sampling.Logs.Percentage), ("withTrace", sampling.Logs.WithTrace)));
        map.AddUnless(sampling.MaxBytes == defaults.MaxBytes, "maxBytes", sampling.MaxBytes);
        map.AddUnless(sampling.NonSampledCacheSize == defaults.NonSampledCacheSize, "nonSampledCacheSize", sampling.NonSampledCacheSize);
        map.AddUnless(sampling.SampledCacheSize == defaults.SampledCacheSize, "sampledCacheSize", sampling.SampledCacheSize);
        return map;
    }

    private static SortedDictionary<string, object?> Quotas(QuotaSettings quotas) => CanonicalMap.Of(
        ("default", Quota(quotas.Default)), ("tenants", CanonicalMap.Of([.. quotas.Tenants.Select(t => (t.Key, (object?)Quota(t.Value)))])));

    private static SortedDictionary<string, object?> Quota(TenantQuota quota) =>
        CanonicalMap.Of(("burst", quota.Burst), ("bytesPerSecond", quota.BytesPerSecond), ("recordsPerSecond", quota.RecordsPerSecond));

    private static SortedDictionary<string, object?> Tls(IngestTlsProfile tls) => CanonicalMap.Of(
        ("certFile", tls.CertFile), ("clientAuth", Name(tls.ClientAuth)), ("clientCaFile", tls.ClientCaFile), ("keyFile", tls.KeyFile),
        ("minVersion", Name(tls.MinVersion)), ("trustDomain", tls.TrustDomain));

    private static SortedDictionary<string, object?> Policy(SamplingPolicy policy) => policy switch
    {
        AlwaysSamplePolicy => CanonicalMap.Of(("name", policy.Name), ("type", "always_sample")),
        StatusCodePolicy p => CanonicalMap.Of(("name", p.Name), ("statusCodes", p.StatusCodes.Select(c => (object)c)), ("type", "status_code")),
        LatencyPolicy p => CanonicalMap.Of(("name", p.Name), ("threshold", p.Threshold), ("type", "latency")).AddUnless(p.UpperThreshold is null, "upperThreshold", p.UpperThreshold),
        ProbabilisticPolicy p => CanonicalMap.Of(("name", p.Name), ("samplingPercentage", p.SamplingPercentage), ("type", "probabilistic")).AddUnless(p.HashSalt.Length == 0, "hashSalt", p.HashSalt),
        NumericAttributePolicy p => CanonicalMap.Of(
            ("invertMatch", p.InvertMatch), ("key", p.Key), ("maxValue", p.MaxValue), ("minValue", p.MinValue), ("name", p.Name), ("type", "numeric_attribute")),
        StringAttributePolicy p => CanonicalMap.Of(
            ("cacheMaxSize", p.CacheMaxSize), ("invertMatch", p.InvertMatch), ("key", p.Key), ("name", p.Name), ("regex", p.EnabledRegexMatching),
            ("type", "string_attribute"), ("values", p.Values)),
        BooleanAttributePolicy p => CanonicalMap.Of(("invertMatch", p.InvertMatch), ("key", p.Key), ("name", p.Name), ("type", "boolean_attribute"), ("value", p.Value)),
        TraceStatePolicy p => CanonicalMap.Of(("key", p.Key), ("name", p.Name), ("type", "trace_state"), ("values", p.Values)),
        RateLimitingPolicy p => CanonicalMap.Of(("name", p.Name), ("spansPerSecond", p.SpansPerSecond), ("type", "rate_limiting")),
        SpanCountPolicy p => CanonicalMap.Of(("maxSpans", p.MaxSpans), ("minSpans", p.MinSpans), ("name", p.Name), ("type", "span_count")),
        AndPolicy p => CanonicalMap.Of(("name", p.Name), ("policies", p.Policies.Select(Policy)), ("type", "and")),
        DropPolicy p => CanonicalMap.Of(("name", p.Name), ("policies", p.Policies.Select(Policy)), ("type", "drop")),
        CompositePolicy p => CanonicalMap.Of(
            ("maxTotalSpansPerSecond", p.MaxTotalSpansPerSecond), ("name", p.Name),
            ("policies", p.Policies.Select(s => CanonicalMap.Of(("policy", Policy(s.Policy)), ("spansPerSecond", s.SpansPerSecond)))), ("type", "composite")),
        _ => throw new ArgumentException($"policy type {policy.GetType().Name} has no canonical form", nameof(policy)),
    };

    /// <summary>Durations are nanoseconds as text: a JSON number cannot hold them all.</summary>
    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case TimeSpan duration:
                json.WriteStringValue($"{(Int128)duration.Ticks * 100}");
                break;
            case SortedDictionary<string, object?> map:
                json.WriteStartObject();
                foreach (var (key, entry) in map)
                {
                    json.WritePropertyName(key);
                    Write(json, entry);
                }

                json.WriteEndObject();
                break;
            case IEnumerable<object?> list:
                json.WriteStartArray();
                foreach (var entry in list)
                {
                    Write(json, entry);
                }

                json.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"{value.GetType().Name} has no canonical form", nameof(value));
        }
    }
}
