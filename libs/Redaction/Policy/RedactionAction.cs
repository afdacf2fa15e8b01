namespace StellaOps.Telemetry.Redaction;

/// <summary>What a rule does with what it found.</summary>
public enum RedactionAction
{
    /// <summary>Puts a fixed mark such as <c>[email]</c> in its place.</summary>
    Mask,

    /// <summary>Takes it away: the attribute of a key rule, the matched text of a value rule.</summary>
    Drop,

    /// <summary>Puts an unkeyed SHA-256 in its place; only for values that nobody can guess.</summary>
    Hash,

    /// <summary>Puts a pseudonym in its place, keyed by secret and tenant, so that equal values still join.</summary>
    Hmac,
}
