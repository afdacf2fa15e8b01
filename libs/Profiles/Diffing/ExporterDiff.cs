using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.exporters</c>: where kept records go. Values of headers are not shown: they may be of a kind that nobody knew to be secret.</summary>
internal static class ExporterDiff
{
    public static void Add(ChangeList changes, IReadOnlyList<ExporterSettings> was, IReadOnlyList<ExporterSettings> now)
    {
        foreach (var (before, after) in NamedPairs.Of(was, now, e => e.Name, SameButName))
        {
            var path = $"spec.exporters.{(after ?? before)!.Name}";
            switch (before, after)
            {
                case (null, { } a):
                    changes.Add(path, null, Target(a), RiskOfTarget(a), $"exporter '{a.Name}' is new: {Verb(a)} {Target(a)}");
                    break;
                case ({ } b, null):
                    changes.Add(path, Target(b), null, ChangeRisk.StopsExport, $"exporter '{b.Name}' to {Target(b)} is gone");
                    break;
                case (OtlpExporterSettings b, OtlpExporterSettings a):
                    Rename(changes, path, b, a);
                    Otlp(changes, path, b, a);
                    break;
                case (ArchiveExporterSettings b, ArchiveExporterSettings a):
                    Rename(changes, path, b, a);
                    changes.Fall(path + ".max_segment_bytes", $"segments of '{a.Name}' hold", b.MaxSegmentBytes, a.MaxSegmentBytes, Words.Size, ChangeRisk.Harmless);
                    changes.Fall(path + ".max_segment_age", $"segments of '{a.Name}' stay open", b.MaxSegmentAge, a.MaxSegmentAge, Words.Of, ChangeRisk.Harmless);
                    break;
                case (DebugExporterSettings b, DebugExporterSettings a):
                    Rename(changes, path, b, a);
                    changes.Value(path + ".verbosity", $"'{a.Name}' writes to the log", Verbosity(b), Verbosity(a), ChangeRisk.Harmless);
                    changes.Fall<long>(path + ".max_records", $"'{a.Name}' names records", b.MaxRecords, a.MaxRecords, Words.Number, ChangeRisk.Harmless);
                    break;
                case ({ } b, { } a):
                    changes.Add(path, Target(b), Target(a), Max(ChangeRisk.StopsExport, RiskOfTarget(a)), $"exporter '{a.Name}' no longer goes to {Target(b)}: {Verb(a)} {Target(a)}");
                    break;
            }
        }
    }

    private static void Otlp(ChangeList changes, string path, OtlpExporterSettings was, OtlpExporterSettings now)
    {
        var name = $"exporter '{now.Name}'";
        Endpoint(changes, path, was, now);
        changes.Value(path + ".protocol", name + ": protocol", Words.Of(was.Protocol), Words.Of(now.Protocol), ChangeRisk.Harmless);
        changes.Value(path + ".tenant_header", name + ": header of the tenant", was.TenantHeader, now.TenantHeader, ChangeRisk.WeakensIsolation);
        Headers(changes, path + ".headers", name, was.Headers, now.Headers);
        Headers(changes, path + ".headers", name, was.HeaderFiles, now.HeaderFiles);
        changes.Value(path + ".compression", name + ": compression", Words.Name(was.Compression), Words.Name(now.Compression), ChangeRisk.Harmless);
        changes.Fall(path + ".timeout", name + ": timeout", was.Timeout, now.Timeout, Words.Of, ChangeRisk.Harmless);
        changes.Fall(path + ".max_elapsed", name + " gives up after", was.MaxElapsed, now.MaxElapsed, Words.Of, ChangeRisk.WeakensDurability);
        changes.Fall<long>(path + ".max_request_bytes", name + ": max_request_bytes", was.MaxRequestBytes, now.MaxRequestBytes, Words.Size, ChangeRisk.Harmless);
        changes.Fall<long>(path + ".sending_queue.num_consumers", name + ": requests at once", was.Consumers, now.Consumers, Words.Number, ChangeRisk.Harmless);
        changes.Fall(path + ".retry_on_failure.initial_interval", name + ": first pause", was.Retry.InitialInterval, now.Retry.InitialInterval, Words.Of, ChangeRisk.Harmless);
        changes.Fall(path + ".retry_on_failure.max_interval", name + ": longest pause", was.Retry.MaxInterval, now.Retry.MaxInterval, Words.Of, ChangeRisk.Harmless);
        changes.Fall<long>(path + ".circuit_breaker.failures", name + ": failures that open its circuit", was.BreakerFailures, now.BreakerFailures, Words.Number, ChangeRisk.Harmless);
        changes.Value(path + ".tls.ca_file", name + ": authorities of the store", was.Tls.CaFile, now.Tls.CaFile, ChangeRisk.ChangesTrust);
        changes.Value(path + ".tls.server_name_override", name + ": name of the store", was.Tls.ServerNameOverride, now.Tls.ServerNameOverride, ChangeRisk.ChangesTrust);
        changes.Value(path + ".tls.cert_file", name + ": cert_file", was.Tls.CertFile, now.Tls.CertFile, ChangeRisk.Harmless);
        changes.Value(path + ".tls.key_file", name + ": key_file", was.Tls.KeyFile, now.Tls.KeyFile, ChangeRisk.Harmless);
    }

    private static void Endpoint(ChangeList changes, string path, OtlpExporterSettings was, OtlpExporterSettings now)
    {
        var risk = Words.Host(was.Endpoint) != Words.Host(now.Endpoint) && !ListenerRules.IsLoopback(now.Endpoint) ? ChangeRisk.OpensEgress
            : was.Endpoint.Scheme == Uri.UriSchemeHttps && now.Endpoint.Scheme == Uri.UriSchemeHttp ? ChangeRisk.WeakensTransport
            : ChangeRisk.Harmless;
        changes.Value(path + ".endpoint", $"exporter '{now.Name}' goes to", Words.Of(was.Endpoint), Words.Of(now.Endpoint), risk);
    }

    private static void Headers(ChangeList changes, string path, string name, IReadOnlyDictionary<string, string> was, IReadOnlyDictionary<string, string> now)
    {
        changes.Set(path, $"{name}: headers", was.Keys, now.Keys, ChangeRisk.Harmless, ChangeRisk.Harmless);
        foreach (var key in now.Keys.Where(k => was.TryGetValue(k, out var value) && value != now[k]))
        {
            changes.Add($"{path}.{key}", null, null, ChangeRisk.Harmless, $"{name}: another value of header {key}");
        }
    }

    private static void Rename(ChangeList changes, string path, ExporterSettings was, ExporterSettings now)
    {
        if (was.Name != now.Name)
        {
            // A new cursor begins at what is decided from then on; what the old one had before it stays where it was.
            changes.Add(path + ".name", was.Name, now.Name, ChangeRisk.StopsExport, $"exporter '{was.Name}' is called '{now.Name}': a new one begins, and what waits for the old one stays behind");
        }
    }

    private static bool SameButName(ExporterSettings a, ExporterSettings b) => (a, b) switch
    {
        (OtlpExporterSettings x, OtlpExporterSettings y) => Words.Of(x.Endpoint) == Words.Of(y.Endpoint),
        _ => a.GetType() == b.GetType(),
    };

    private static ChangeRisk RiskOfTarget(ExporterSettings exporter) =>
        exporter is OtlpExporterSettings otlp && !ListenerRules.IsLoopback(otlp.Endpoint) ? ChangeRisk.OpensEgress : ChangeRisk.Harmless;

    private static string Verb(ExporterSettings exporter) => RiskOfTarget(exporter) == ChangeRisk.OpensEgress ? "opens egress to" : "goes to";

    private static string Target(ExporterSettings exporter) => exporter switch
    {
        OtlpExporterSettings otlp => Words.Host(otlp.Endpoint),
        ArchiveExporterSettings => "the archive",
        _ => "the log of the process",
    };

    private static string Verbosity(DebugExporterSettings exporter) => exporter.IsDetailed ? "detailed" : "basic";

    private static ChangeRisk Max(ChangeRisk a, ChangeRisk b) => a > b ? a : b;
}
