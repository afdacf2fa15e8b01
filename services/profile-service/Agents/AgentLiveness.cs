namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>When an agent counts as connected.</summary>
internal static class AgentLiveness
{
    /// <summary>Three of OpAMP's default heartbeats, and what a sign of life waits to be written.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(110);

    /// <summary>The condition in SQL, over a row of <c>profile.agents</c> called <c>a</c> and the parameter <c>@LiveSince</c>.</summary>
    public const string Sql = "a.connected AND a.last_seen_at > @LiveSince";
}
