namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>Combinations that are refused though each value alone is lawful; docs/profiles.md lists them with their reasons.</summary>
internal static class ProfileRules
{
    private static readonly Action<RuleContext>[] s_all =
        [ListenerRules.Check, RedactionRules.Check, DurabilityRules.Check, RecorderRules.Check, SealedRules.Check, TenancyRules.Check];

    public static void Check(RuleContext context)
    {
        foreach (var check in s_all)
        {
            check(context);
        }
    }
}
