namespace StellaOps.Telemetry.Contracts;

/// <summary>Header names of our own.</summary>
public static class KnownHeaders
{
    /// <summary>
    /// Marks a replay: <c>&lt;replay id&gt;/&lt;ordinal of the batch&gt;</c>. Honoured only with scope <c>replay:write</c>; refused without.
    /// </summary>
    public const string Replay = "stella-replay";

    /// <summary>
    /// On requests that create: the same key with the same body again answers with what the first one made; with another body it is refused.
    /// </summary>
    public const string IdempotencyKey = "Idempotency-Key";
}
