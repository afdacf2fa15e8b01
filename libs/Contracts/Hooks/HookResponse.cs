namespace StellaOps.Telemetry.Contracts.Hooks;

/// <summary>What became of a delivery to <c>/api/v1/hooks/*</c>.</summary>
/// <param name="Opened">Incidents that began.</param>
/// <param name="Extended">Incidents that are active for longer, or again.</param>
/// <param name="Resolved">Incidents that cool down from now on.</param>
/// <param name="Unchanged">What was known already, is not over yet, or was over before.</param>
/// <param name="Ignored">Alerts or events that no rule takes.</param>
/// <param name="Incidents">Ids of those that it was about.</param>
public sealed record HookResponse(int Opened, int Extended, int Resolved, int Unchanged, int Ignored, IReadOnlyList<string> Incidents);
