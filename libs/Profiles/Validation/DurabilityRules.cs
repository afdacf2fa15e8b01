using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>Where evidence has to survive the machine, acknowledged means on the disk.</summary>
internal static class DurabilityRules
{
    /// <summary>Profiles whose promise that is, with whatever inherits from them.</summary>
    private static readonly string[] s_durable = ["forensic", "airgap"];

    public static void Check(RuleContext context)
    {
        if (context.Profile.Durability == Durability.Fsync)
        {
            return;
        }

        if (context.Lineage.FirstOrDefault(s_durable.Contains) is { } promise)
        {
            var who = promise == context.Profile.Name ? $"in '{promise}'" : $"in what inherits from '{promise}'";
            context.Refuse("durability", $"write is not allowed {who}: acknowledged evidence has to survive the machine", "write 'durability: fsync', or inherit from default");
        }

        if (context.Profile.Sealed.Enabled)
        {
            context.Refuse("durability", "write is not allowed where sealed.enabled is true: a sealed site has no second copy", "write 'durability: fsync'");
        }
    }
}
