using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary><c>spec.orchestrators</c>.</summary>
internal static class HookOrchestratorReader
{
    // Whoever is not known yet is judged by every secret: their number bounds what a stranger can cost.
    private const int MaxOrchestrators = 16;
    private const int MaxSecrets = 4;
    private const int MaxTenants = 256;

    public static IReadOnlyList<HookOrchestrator> Read(YamlSection spec, string folder)
    {
        var sections = spec.Sections("orchestrators");
        if (sections.Count > MaxOrchestrators)
        {
            spec.Fault("orchestrators", $"{sections.Count} orchestrators, and {MaxOrchestrators} at most", "let one report for others");
            return [];
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var orchestrators = new List<HookOrchestrator>();
        foreach (var section in sections)
        {
            var name = section.Require("name", Scalars.Name, Scalars.NameForm, "");
            if (name.Length > 0 && !names.Add(name))
            {
                section.Fault("name", $"'{name}' is there twice", "give each orchestrator a name of its own");
            }

            var tenants = section.List<TenantId>("tenants", TenantId.TryParse, "a tenant's name");
            Bound(section, "tenants", MaxTenants, "name whose incidents it may open: there is no '*' here");
            var secrets = section.List("secret_files", Scalars.FilePath(folder), Scalars.FileForm);
            Bound(section, "secret_files", MaxSecrets, "name a file that holds 'whsec_' and 24 to 64 bytes in base64");
            section.Done();
            orchestrators.Add(new HookOrchestrator(name, [.. tenants.Distinct()], secrets));
        }

        return orchestrators;
    }

    private static void Bound(YamlSection section, string key, int max, string fix)
    {
        if (section.Find(key) is null or SequenceNode { Items.Count: 0 } || (section.Find(key) is SequenceNode list && list.Items.Count > max))
        {
            section.Fault(key, $"has to have 1 to {max} entries", fix);
        }
    }
}
