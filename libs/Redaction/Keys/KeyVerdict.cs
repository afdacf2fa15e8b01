namespace StellaOps.Telemetry.Redaction.Keys;

/// <summary>What the policy says of one attribute key.</summary>
/// <param name="Rule">Index of the key rule that blocks the value; negative when none does.</param>
/// <param name="Ignored">No rule looks at the value.</param>
/// <param name="Dirty">The key itself holds what a value rule finds.</param>
internal readonly record struct KeyVerdict(int Rule, bool Ignored, bool Dirty)
{
    /// <summary>Nothing is to be done but to look at the value.</summary>
    public bool IsPlain => Rule < 0 && !Ignored && !Dirty;
}
