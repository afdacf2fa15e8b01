using System.Net;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Combinations that are refused though each value alone is lawful.</summary>
internal static class ProfileRules
{
    /// <summary>Profiles whose promise is that evidence survives the machine.</summary>
    private static readonly string[] s_durable = ["forensic", "airgap"];

    public static void Check(YamlSection spec, Profile profile)
    {
        var listeners = new[] { ("grpc", profile.Ingest.GrpcUrl), ("http", profile.Ingest.HttpUrl) };
        CheckListeners(spec, listeners, profile.Ingest.Tls);
        CheckRedaction(spec, profile, listeners.All(l => IsLoopback(l.Item2)));
        if (profile.Durability != Durability.Fsync && s_durable.Contains(profile.Name))
        {
            spec.Fault("durability", $"write is not allowed in '{profile.Name}'", "write 'durability: fsync': acknowledged evidence has to survive the machine");
        }

        if (profile.Durability != Durability.Fsync && profile.Sealed.Enabled)
        {
            spec.Fault("durability", "write is not allowed where sealed.enabled is true", "write 'durability: fsync': a sealed site has no second copy");
        }

        if (profile.Recorder.MaxAge < profile.Sampling.DecisionWait * 2)
        {
            spec.Fault("recorder", $"max_age {profile.Recorder.MaxAge} is below twice sampling.decision_wait {profile.Sampling.DecisionWait}", "raise recorder.max_age: the log has to hold what is undecided");
        }

        if (profile.Incident.Lookback > profile.Recorder.MaxAge)
        {
            spec.Fault("incident", $"lookback {profile.Incident.Lookback} is longer than recorder.max_age {profile.Recorder.MaxAge}", "shorten incident.lookback, or raise recorder.max_age: the recorder cannot reach back further");
        }

        CheckSealed(spec, profile);
        CheckDebug(spec, profile);
    }

    private static void CheckListeners(YamlSection spec, (string Name, Uri Url)[] listeners, IngestTlsProfile? tls)
    {
        foreach (var (name, url) in listeners)
        {
            if (url.Scheme == "http" && !IsLoopback(url))
            {
                spec.Fault("ingest", $"listeners.{name} {url} takes plaintext outside loopback", "write https:// and ingest.tls, or listen on 127.0.0.1");
            }
            else if (url.Scheme == "https" && tls is null)
            {
                spec.Fault("ingest", $"listeners.{name} {url} asks for TLS without a certificate", "name ingest.tls.cert_file and ingest.tls.key_file");
            }
        }
    }

    private static void CheckRedaction(YamlSection spec, Profile profile, bool loopback)
    {
        if (profile.Redaction != Profile.NoRedaction)
        {
            return;
        }

        if (profile.Environment != DeploymentEnvironment.Development)
        {
            spec.Fault("redaction", "none is not allowed in production", "name a policy such as baseline, or write 'environment: development'");
        }

        if (!loopback)
        {
            spec.Fault("redaction", "none is not allowed with listeners outside loopback", "name a policy such as baseline, or listen on 127.0.0.1");
        }
    }

    /// <summary>The dialer's own judgement, so that what is lawful here is connected to there.</summary>
    private static void CheckSealed(YamlSection spec, Profile profile)
    {
        if (!profile.Sealed.Enabled || !profile.Sealed.Allowlist.All(e => EgressRule.TryParse(e, out _)))
        {
            return;
        }

        var policy = EgressPolicy.Sealed(profile.Sealed.Allowlist);
        foreach (var exporter in profile.Exporters.OfType<OtlpExporterSettings>())
        {
            var (host, port) = (exporter.Endpoint.IdnHost, exporter.Endpoint.Port);
            if (!EgressTarget.TryParse(host, port, out var target) || !policy.Allows(target))
            {
                spec.Fault("exporters", $"'{exporter.Name}' goes to {host}:{port}, which sealed.allowlist does not name", $"add '{host}:{port}' to sealed.allowlist, or remove the exporter");
            }
        }
    }

    /// <summary>Without redaction a record may say anything, and the process's log is no place for that.</summary>
    private static void CheckDebug(YamlSection spec, Profile profile)
    {
        if (profile.Redaction == Profile.NoRedaction && profile.Exporters.OfType<DebugExporterSettings>().Any(e => e.IsDetailed))
        {
            spec.Fault("exporters", "a debug exporter is detailed, and 'redaction: none'", "write 'verbosity: basic', or name a policy");
        }
    }

    private static bool IsLoopback(Uri url) =>
        url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
