using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Hooks;
using StellaOps.Telemetry.IncidentService.Hooks.Alertmanager;
using StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;
using StellaOps.Telemetry.Profiles.Hooks;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IncidentService.Hooks;

internal static class HooksApi
{
    public const int MaxAlertmanagerBytes = 1024 * 1024;

    /// <summary>Small: whoever is not known yet has it hashed once for each secret.</summary>
    public const int MaxEventBytes = 64 * 1024;

    public static RouteGroupBuilder MapHooksApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/hooks").WithTags("Hooks");
        group.MapPost("/alertmanager", AlertmanagerAsync).RequireScope(KnownScopes.IncidentsWrite).AddEndpointFilter(new HookRefusals(HookSource.Alertmanager))
            .WithName("AlertmanagerHook").WithSummary("Takes Alertmanager's webhook: firing alerts open incidents by rule, resolved ones let them cool down");
        group.MapPost("/orchestrator", OrchestratorAsync).AllowWithoutScope("judged by its signature").AddEndpointFilter(new HookRefusals(HookSource.Orchestrator))
            .WithName("OrchestratorHook").WithSummary("Takes an orchestrator's CloudEvents, signed by the Standard Webhooks specification");
        return group;
    }

    private static async Task<Results<Ok<HookResponse>, ProblemHttpResult>> AlertmanagerAsync(HttpContext http, HookServices services, CancellationToken cancellationToken)
    {
        if (services.State.Current is not { } hooks)
        {
            return Closed();
        }

        if (!http.Request.HasJsonContentType())
        {
            return TypedResults.Problem("Alertmanager's webhook is application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        var body = await HookBody.ReadAsync(http.Request, MaxAlertmanagerBytes, cancellationToken);
        AlertmanagerMessage? message;
        try
        {
            message = JsonSerializer.Deserialize(body, HooksJson.Default.AlertmanagerMessage);
        }
        catch (JsonException e)
        {
            return Problems.Validation(("body", $"is no webhook of Alertmanager, at '{e.Path}', line {e.LineNumber + 1}"));
        }

        if (message is null || message.Faults() is { Count: > 0 })
        {
            return Problems.Validation(message?.Faults() ?? [("body", "is null")]);
        }

        return await HookRun.DoAsync(HookSource.Alertmanager, AlertmanagerPlan.Of(message, hooks, http.User, services.Time.GetUtcNow()), null, services, cancellationToken);
    }

    private static async Task<Results<Ok<HookResponse>, ProblemHttpResult>> OrchestratorAsync(HttpContext http, HookServices services, CancellationToken cancellationToken)
    {
        if (services.State.Current is not { Orchestrators.Count: > 0 } hooks)
        {
            return Closed();
        }

        var now = services.Time.GetUtcNow();
        if (WebhookHeaders.Read(http.Request.Headers, now, out var wrong) is not { } headers)
        {
            return NotKnown(wrong);
        }

        var body = await HookBody.ReadAsync(http.Request, MaxEventBytes, cancellationToken);
        if (hooks.Orchestrators.FirstOrDefault(o => WebhookSignature.IsGood(headers, body, o.Secrets)) is not { } orchestrator)
        {
            return NotKnown("webhook-signature was made with none of the secrets that are in force.");
        }

        if (CloudEventReader.Read(http.Request, body, out var problem) is not { } read)
        {
            return problem!;
        }

        var message = new SignedMessage(orchestrator.Name, headers.Id, Convert.ToHexStringLower(SHA256.HashData(body)), headers.SentAt + WebhookHeaders.Window);
        return await HookRun.DoAsync(HookSource.Orchestrator, OrchestratorPlan.Of(read, hooks, orchestrator, now), message, services, cancellationToken);
    }

    private static ProblemHttpResult Closed() => Problems.NotFound(
        $"This hook is closed: name a document of kind {HooksLoader.Kind} by {KnownEnvironment.HooksFile}, with rules, and for orchestrators their secrets (docs/hooks.md).");

    private static ProblemHttpResult NotKnown(string detail) => TypedResults.Problem(
        detail, statusCode: StatusCodes.Status401Unauthorized, type: KnownProblems.Unauthenticated, title: "A valid signature is needed");
}
