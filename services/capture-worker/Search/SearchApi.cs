using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Archive.Export;
using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.CaptureWorker.Search;

/// <summary>
/// The archive, read. A search is a POST, since what is looked for has no place in a URL that others log. Answers stream, and end by saying
/// whether they are all.
/// </summary>
internal static partial class SearchApi
{
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(1);

    public static RouteGroupBuilder MapSearchApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/archive").WithTags("Archive");
        group.MapPost("search", SearchAsync).RequireScope(KnownScopes.TelemetryRead).WithName("SearchArchive").WithSummary("Records of a tenant's window, as lines of JSON");
        group.MapPost("export", ExportAsync).RequireScope(KnownScopes.TelemetryRead).WithName("ExportArchive").WithSummary("A tenant's window as a file of the Collector's form, in blocks");
        return group;
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> SearchAsync(
        ArchiveSearchRequest request, ClaimsPrincipal user, HttpContext http, SearchServices services, CancellationToken cancellationToken)
    {
        List<(string Field, string Message)> faults = [.. SearchRequestRules.Check(request), .. WindowFaults(request.From, request.To, services.Options)];
        if (request.Limit > services.Options.MaxLimit)
        {
            faults.Add(("limit", $"is more than {services.Options.MaxLimit}"));
        }

        if (faults.Count > 0)
        {
            return Problems.Validation(faults);
        }

        if (await services.BeginAsync("archive.search", request.Tenant, request, ContractsJson.Default.ArchiveSearchRequest, user, http, cancellationToken) is { } problem)
        {
            return problem;
        }

        var query = SearchRequestRules.ToQuery(request) with { Parallelism = services.Options.Parallelism, MaxHeldBytes = services.Options.MaxHeldBytes };
        TimeSpan? progressEvery = request.Progress ? s_progressEvery : null;
        return TypedResults.Stream(
            async output =>
            {
                await output.FlushAsync(cancellationToken);
                await foreach (var line in SearchAnswer.LinesAsync(
                    services.Store, query, progressEvery, services.Time, e => Log.SearchFailed(services.Logger, e, request.Tenant.Value), cancellationToken))
                {
                    await output.WriteAsync(line, cancellationToken);
                }
            },
            "application/x-ndjson");
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(
        ArchiveExportRequest request, ClaimsPrincipal user, HttpContext http, SearchServices services, CancellationToken cancellationToken)
    {
        List<(string Field, string Message)> faults = [.. ExportRequestRules.Check(request), .. WindowFaults(request.From, request.To, services.Options)];
        if (faults.Count > 0)
        {
            return Problems.Validation(faults);
        }

        if (await services.BeginAsync("archive.export", request.Tenant, request, ContractsJson.Default.ArchiveExportRequest, user, http, cancellationToken) is { } problem)
        {
            return problem;
        }

        return TypedResults.Stream(
            output => ExportAnswer.WriteAsync(services.Store, request, output, e => Log.ExportFailed(services.Logger, e, request.Tenant.Value), cancellationToken),
            ExportAnswer.ContentType);
    }

    private static IEnumerable<(string Field, string Message)> WindowFaults(DateTimeOffset from, DateTimeOffset to, SearchOptions options) =>
        to - from > options.MaxWindow ? [("to", $"is more than {options.MaxWindow.TotalDays:0.#} days after from")] : [];

    private static partial class Log
    {
        [LoggerMessage(EventIds.SearchFailed, LogLevel.Error, "A search of tenant {Tenant} ended early")]
        public static partial void SearchFailed(ILogger logger, Exception exception, string tenant);

        [LoggerMessage(EventIds.ExportFailed, LogLevel.Error, "An export of tenant {Tenant} ended early")]
        public static partial void ExportFailed(ILogger logger, Exception exception, string tenant);
    }
}
