using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using StellaOps.Telemetry.Contracts.Hooks;
using StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.Profiles.Hooks;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>
/// Does a plan, step by step. What fails is told by 503, so that the sender comes again: what was done by then changes nothing the second
/// time. What is refused is told only when nothing failed, and after the rest was done: one bad alert hides no other.
/// </summary>
internal static partial class HookRun
{
    public static async Task<Results<Ok<HookResponse>, ProblemHttpResult>> DoAsync(
        HookSource source, HookPlan plan, SignedMessage? message, HookServices services, CancellationToken cancellationToken)
    {
        var results = new List<HookResult>();
        var failed = 0;
        foreach (var step in plan.Steps)
        {
            try
            {
                var result = await services.Desk.ApplyAsync(step, message, cancellationToken);
                results.Add(result);
                services.Instruments.OnDone(source, result.Outcome);
                Log.Done(services.Logger, step.Actor, result.Outcome, result.Incident?.Id);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                failed++;
                services.Instruments.OnFailed(source);
                Log.Failed(services.Logger, step.Actor, e.Message);
                if (e is not PostgresException)
                {
                    // PostgreSQL is away: the others would fail like this one, one timeout after the other.
                    break;
                }
            }
        }

        services.Instruments.OnIgnored(source, plan.Ignored);
        if (plan.Ignored > 0)
        {
            Log.Ignored(services.Logger, source, plan.Ignored);
        }

        await Task.WhenAll(results.Where(r => r.Outcome == HookOutcome.Opened).Select(r => services.Activator.TryActivateAsync(r.Incident!, cancellationToken)));
        if (failed > 0)
        {
            return Problems.Unavailable("Not everything could be done. Send it again: what was done changes nothing the second time.");
        }

        if (results.Any(r => r.Outcome == HookOutcome.IdReused))
        {
            return TypedResults.Problem(
                "This webhook-id was used with another body.", statusCode: StatusCodes.Status422UnprocessableEntity, type: Contracts.KnownProblems.IdempotencyMismatch, title: "webhook-id used before");
        }

        return plan.Refusals.Count > 0 ? plan.Refusals[0] : TypedResults.Ok(Answer(results, plan.Ignored));
    }

    private static HookResponse Answer(List<HookResult> results, int ignored)
    {
        int Count(HookOutcome outcome) => results.Count(r => r.Outcome == outcome);
        return new HookResponse(
            Count(HookOutcome.Opened),
            Count(HookOutcome.Extended),
            Count(HookOutcome.Resolved),
            Count(HookOutcome.Unchanged) + Count(HookOutcome.Repeated),
            ignored,
            [.. results.Select(r => r.Incident).OfType<Incident>().Select(i => i.Id)]);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.HookDone, LogLevel.Information, "Hook of {Actor}: {Outcome} incident {Id}")]
        public static partial void Done(ILogger logger, string actor, HookOutcome outcome, string? id);

        [LoggerMessage(EventIds.HookIgnored, LogLevel.Debug, "Hook of {Source}: {Count} reports that no rule takes")]
        public static partial void Ignored(ILogger logger, HookSource source, int count);

        [LoggerMessage(EventIds.HookFailed, LogLevel.Warning, "Hook of {Actor} is to be sent again: {Reason}")]
        public static partial void Failed(ILogger logger, string actor, string reason);
    }
}
