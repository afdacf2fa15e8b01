using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>Redaction is off only where it is spelled so, and nobody but this machine can send.</summary>
internal static class RedactionRules
{
    public static void Check(RuleContext context)
    {
        var profile = context.Profile;
        if (profile.Redaction != Profile.NoRedaction)
        {
            return;
        }

        if (profile.Environment != DeploymentEnvironment.Development)
        {
            context.Refuse("redaction", "none is not allowed in production: personal data would reach disks and stores", "name a policy such as baseline, or write 'environment: development'");
        }

        if (!ListenerRules.IsLoopback(profile.Ingest.GrpcUrl) || !ListenerRules.IsLoopback(profile.Ingest.HttpUrl))
        {
            context.Refuse("redaction", "none is not allowed with listeners outside loopback: it is for benchmarks and tests on one machine", "name a policy such as baseline, or listen on 127.0.0.1");
        }

        foreach (var exporter in profile.Exporters.OfType<DebugExporterSettings>().Where(e => e.IsDetailed))
        {
            context.Refuse(
                context.PathOfExporter(exporter.Name, "verbosity"),
                $"'{exporter.Name}' writes records into the process's own log, and nothing removes personal data from them",
                "write 'verbosity: basic', or name a redaction policy");
        }
    }
}
