using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IncidentService.Notify.Api;

internal static class NotificationsApi
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 500;

    public static RouteGroupBuilder MapNotificationsApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/notifications").WithTags("Notifications");
        group.MapGet("/", ListAsync).RequireScope(KnownScopes.IncidentsRead).WithName("ListNotifications").WithSummary("Who was told what, and what became of it, newest first");
        group.MapGet("/dead-letters", ListDeadAsync).RequireScope(KnownScopes.IncidentsRead).WithName("ListNotificationDeadLetters").WithSummary("What was given up, and why, newest first");
        group.MapGet("/{id:long}", GetAsync).RequireScope(KnownScopes.IncidentsRead).WithName("GetNotification").WithSummary("One event for one target");
        group.MapPost("/{id:long}/resend", ResendAsync).RequireScope(KnownScopes.IncidentsWrite).WithName("ResendNotification").WithSummary("Sends a dead letter again; anything else stays as it is");
        return group;
    }

    private static Task<Results<Ok<Page<NotificationResponse>>, ProblemHttpResult>> ListDeadAsync(
        HttpContext http, NotificationStore notifications, TenantId? tenant, string? incident, string? target, string? cursor, int? limit, CancellationToken cancellationToken) =>
        ListAsync(http, notifications, tenant, incident, target, "dead", cursor, limit, cancellationToken);

    private static async Task<Results<Ok<Page<NotificationResponse>>, ProblemHttpResult>> ListAsync(
        HttpContext http, NotificationStore notifications, TenantId? tenant, string? incident, string? target, string? state, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (ListRules.ProblemOf(http.User, tenant, limit, MaxPageSize) is { } problem)
        {
            return problem;
        }

        NotificationState? wanted = null;
        if (state is not null)
        {
            wanted = Enum.GetValues<NotificationState>().Cast<NotificationState?>().FirstOrDefault(s => s.ToString()!.Equals(state, StringComparison.OrdinalIgnoreCase));
            if (wanted is null)
            {
                return Problems.Validation(("state", "must be pending, delivered or dead"));
            }
        }

        long? before = null;
        if (cursor is not null)
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return Problems.Validation(("cursor", "is none that was given out"));
            }

            before = number;
        }

        return TypedResults.Ok(await notifications.ListAsync(tenant ?? http.User.BoundTenant(), incident, target, wanted, before, limit ?? DefaultPageSize, cancellationToken));
    }

    private static async Task<Results<Ok<NotificationResponse>, ProblemHttpResult>> GetAsync(long id, HttpContext http, NotificationStore notifications, CancellationToken cancellationToken) =>
        Answer(id, await notifications.FindAsync(id, http.User.MayAccess, cancellationToken));

    private static async Task<Results<Ok<NotificationResponse>, ProblemHttpResult>> ResendAsync(long id, HttpContext http, NotificationStore notifications, CancellationToken cancellationToken) =>
        Answer(id, await notifications.ResendAsync(id, http.User.MayAccess, http.User.Actor(), cancellationToken));

    private static Results<Ok<NotificationResponse>, ProblemHttpResult> Answer(long id, NotificationResponse? found) =>
        found is null ? Problems.NotFound($"There is no notification {id}.") : TypedResults.Ok(found);
}
