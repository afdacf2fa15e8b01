using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Reads and judges a merged <c>spec</c> as a whole.</summary>
internal static class ProfileJudge
{
    public static Profile Judge(ProfilePart first, MappingNode spec, IReadOnlyList<string> lineage, FaultList faults)
    {
        var profile = ProfileReader.Read(first.Name, first.Description, new YamlSection(faults, "spec", spec));
        ProfileRules.Check(new RuleContext(profile, lineage, spec, faults));
        return profile;
    }
}
