using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.sealed</c>: where connections may go.</summary>
internal static class SealedDiff
{
    public static void Add(ChangeList changes, SealedProfile was, SealedProfile now)
    {
        changes.Value("spec.sealed.enabled", "sealed mode", Words.Of(was.Enabled), Words.Of(now.Enabled), was.Enabled ? ChangeRisk.DisablesSealedMode : ChangeRisk.Harmless);

        // Where it was not sealed before, everything could go everywhere, and the list takes away.
        changes.Set(
            "spec.sealed.allowlist", "the allowlist", was.Allowlist, now.Allowlist,
            was.Enabled && now.Enabled ? ChangeRisk.OpensEgress : ChangeRisk.Harmless, ChangeRisk.Harmless);
    }
}
