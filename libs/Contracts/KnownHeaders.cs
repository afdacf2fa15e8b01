namespace StellaOps.Telemetry.Contracts;

/// <summary>Header names of our own.</summary>
public static class KnownHeaders
{
    /// <summary>
    /// Marks a replay: <c>&lt;replay id&gt;/&lt;ordinal of the batch&gt;</c>. Honoured only with scope <c>replay:write</c>; refused without.
    /// </summary>
    public const string Replay = "stella-replay";
}
