using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.CaptureWorker.Search;

/// <summary>What the handlers of <see cref="SearchApi"/> use.</summary>
internal sealed class SearchServices(
    IObjectStore store, SearchSlots slots, NpgsqlDataSource database, AuditLog audit, IOptions<SearchOptions> options, TimeProvider time, ILogger<SearchServices> logger)
{
    private const string BusyFor = "5";

    public IObjectStore Store { get; } = store;

    public SearchOptions Options { get; } = options.Value;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    /// <summary>Takes a place until the request ends and writes down who asks for what; the problem when that cannot be.</summary>
    public async Task<ProblemHttpResult?> BeginAsync<TRequest>(
        string action, TenantId tenant, TRequest request, JsonTypeInfo<TRequest> type, ClaimsPrincipal user, HttpContext http, CancellationToken cancellationToken)
    {
        if (!user.MayAccess(tenant))
        {
            return Problems.TenantNotAllowed(tenant);
        }

        if (slots.TryTake(tenant) is not { } slot)
        {
            http.Response.Headers.RetryAfter = BusyFor;
            return TypedResults.Problem(
                $"As many searches run as may: {Options.MaxConcurrent} in all, {Options.MaxConcurrentPerTenant} of a tenant.",
                statusCode: StatusCodes.Status429TooManyRequests,
                type: KnownProblems.TooManyRequests,
                title: "Too many searches");
        }

        http.Response.RegisterForDispose(slot);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await audit.AppendAsync(
            transaction, new AuditEntry(user.Actor(), action, tenant.Value, tenant.Value, JsonSerializer.Serialize(request, type)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }
}
