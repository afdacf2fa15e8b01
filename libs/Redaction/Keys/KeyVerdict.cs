using StellaOps.Telemetry.Redaction.Sanitizing;

namespace StellaOps.Telemetry.Redaction.Keys;

/// <summary>What the policy says of one attribute key.</summary>
/// <param name="Rule">Index of the key rule that blocks the value; negative when none does.</param>
/// <param name="Ignored">No rule looks at the value.</param>
/// <param name="Dirty">The key itself holds what a value rule finds.</param>
/// <param name="Unlisted">The policy has a list of allowed keys, and this is none of them.</param>
/// <param name="Sanitizer">What goes over the value before the value rules.</param>
/// <param name="Summary">Which of the summary's attributes it is; negative when none.</param>
internal readonly record struct KeyVerdict(int Rule, bool Ignored, bool Dirty, bool Unlisted, Sanitizer Sanitizer, int Summary)
{
    /// <summary>Nothing is to be done but to look at the value.</summary>
    public bool IsPlain => Rule < 0 && !Ignored && !Dirty && !Unlisted && Sanitizer == Sanitizer.None && Summary < 0;
}
