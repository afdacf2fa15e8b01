using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.Versions;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

internal static class RolloutsApi
{
    public static RouteGroupBuilder MapRolloutsApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/rollouts").WithTags("Rollouts").RequireAllTenants().AddEndpointFilter<StoredBytesFilter>();
        group.MapPost("/", StartAsync).RequireScope(KnownScopes.ProfilesDeploy).WithName("StartRollout").WithSummary("Deploys a version: a canary first, then growing batches, back by itself when one fails");
        group.MapGet("/", ListAsync).RequireScope(KnownScopes.ProfilesRead).WithName("ListRollouts").WithSummary("Rollouts, newest first");
        group.MapGet("/{id}", GetAsync).RequireScope(KnownScopes.ProfilesRead).WithName("GetRollout").WithSummary("One rollout with its timeline");
        group.MapGet("/{id}/agents", ListAgentsAsync).RequireScope(KnownScopes.ProfilesRead).WithName("ListRolloutAgents").WithSummary("A rollout's agents, by batch");
        group.MapPost("/{id}/pause", PauseAsync).RequireScope(KnownScopes.ProfilesDeploy).WithName("PauseRollout").WithSummary("Offers nothing more until it is resumed");
        group.MapPost("/{id}/resume", ResumeAsync).RequireScope(KnownScopes.ProfilesDeploy).WithName("ResumeRollout").WithSummary("Goes on, without the agents that were silent");
        group.MapPost("/{id}/rollback", RollBackAsync).RequireScope(KnownScopes.ProfilesDeploy).WithName("RollBackRollout").WithSummary("Gives every touched agent what it ran before");
        return group;
    }

    private static async Task<Results<Created<RolloutResponse>, ProblemHttpResult>> StartAsync(
        StartRolloutRequest request, HttpContext http, RolloutStarter starter, RolloutStore rollouts, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (RolloutRules.FaultsOf(request, idempotencyKey) is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        return await starter.StartAsync(request, http.User.Actor(), idempotencyKey, cancellationToken) switch
        {
            StartOutcome.Started started => TypedResults.Created($"/api/v1/rollouts/{started.Id}", (await rollouts.FindAsync(started.Id, cancellationToken))!),
            StartOutcome.Refused refused => RefusedProblem.Of(refused.Judgement),
            StartOutcome.Impossible impossible => Problems.Conflict(impossible.Why),
            StartOutcome.KeyReused => Problems.IdempotencyMismatch(),
            _ => Problems.NotFound(request.Version is { } version ? $"There is no version {version} of '{request.Profile}'." : $"There is no version of '{request.Profile}'."),
        };
    }

    private static async Task<Results<Ok<Page<RolloutResponse>>, ProblemHttpResult>> ListAsync(RolloutStore rollouts, string? cursor, int? limit, CancellationToken cancellationToken) =>
        limit is < 1 or > RolloutRules.MaxPageSize
            ? Problems.Validation(("limit", $"must be 1 to {RolloutRules.MaxPageSize}"))
            : TypedResults.Ok(await rollouts.ListAsync(cursor, limit ?? RolloutRules.DefaultPageSize, cancellationToken));

    private static async Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> GetAsync(string id, RolloutStore rollouts, CancellationToken cancellationToken) =>
        await rollouts.FindAsync(id, cancellationToken) is { } rollout ? TypedResults.Ok(rollout) : NoRollout(id);

    private static async Task<Results<Ok<Page<RolloutAgentResponse>>, ProblemHttpResult>> ListAgentsAsync(
        string id, RolloutStore rollouts, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > RequestRules.MaxPageSize)
        {
            return Problems.Validation(("limit", $"must be 1 to {RequestRules.MaxPageSize}"));
        }

        if (!TryReadCursor(cursor, out var after))
        {
            return Problems.Validation(("cursor", "is not one of ours"));
        }

        return await rollouts.FindAsync(id, cancellationToken) is null
            ? NoRollout(id)
            : TypedResults.Ok(await rollouts.ListAgentsAsync(id, after, limit ?? RequestRules.DefaultPageSize, cancellationToken));
    }

    private static Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> PauseAsync(
        string id, ChangeRolloutRequest? request, HttpContext http, RolloutControl control, RolloutStore rollouts, CancellationToken cancellationToken) =>
        ChangeAsync(id, request, "paused", control.PauseAsync, http, rollouts, cancellationToken);

    private static Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> ResumeAsync(
        string id, ChangeRolloutRequest? request, HttpContext http, RolloutControl control, RolloutStore rollouts, CancellationToken cancellationToken) =>
        ChangeAsync(id, request, "resumed", control.ResumeAsync, http, rollouts, cancellationToken);

    private static Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> RollBackAsync(
        string id, ChangeRolloutRequest? request, HttpContext http, RolloutControl control, RolloutStore rollouts, CancellationToken cancellationToken) =>
        ChangeAsync(id, request, "rolled back", control.RollBackAsync, http, rollouts, cancellationToken);

    private static async Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> ChangeAsync(
        string id, ChangeRolloutRequest? request, string what, Func<string, string, string?, CancellationToken, Task<ControlOutcome>> change, HttpContext http, RolloutStore rollouts, CancellationToken cancellationToken)
    {
        if (RolloutRules.FaultsOf(request) is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        var outcome = await change(id, http.User.Actor(), request?.Reason, cancellationToken);
        if (!outcome.IsFound)
        {
            return NoRollout(id);
        }

        return outcome.Hindrance is { } state
            ? Problems.Conflict($"Rollout {id} is {JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString())} and cannot be {what}.")
            : TypedResults.Ok((await rollouts.FindAsync(id, cancellationToken))!);
    }

    private static bool TryReadCursor(string? cursor, out (int Batch, Guid Uid)? after)
    {
        after = null;
        if (cursor is null)
        {
            return true;
        }

        var cut = cursor.IndexOf(':', StringComparison.Ordinal);
        if (cut < 1 || !int.TryParse(cursor.AsSpan(0, cut), NumberStyles.None, CultureInfo.InvariantCulture, out var batch) || !Guid.TryParseExact(cursor.AsSpan(cut + 1), "D", out var uid))
        {
            return false;
        }

        after = (batch, uid);
        return true;
    }

    private static ProblemHttpResult NoRollout(string id) => Problems.NotFound($"There is no rollout '{id}'.");
}
