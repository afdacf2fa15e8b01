namespace StellaOps.Telemetry.Contracts;

/// <summary>Header names of our own.</summary>
public static class KnownHeaders
{
    /// <summary>
    /// Marks a replay: <see cref="Replays.ReplayMark"/>. Honoured only with scope <c>replay:write</c>, and only into a tenant that is a replay
    /// target; refused else. A gateway says it back in its answer: who hears it knows that the mark was understood.
    /// </summary>
    public const string Replay = "stella-replay";

    /// <summary>
    /// On requests that create: the same key with the same body again answers with what the first one made; with another body it is refused.
    /// </summary>
    public const string IdempotencyKey = "Idempotency-Key";
}
