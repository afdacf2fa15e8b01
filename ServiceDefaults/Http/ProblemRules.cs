using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Npgsql;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.ServiceDefaults.Http;

/// <summary>What an error looks like from outside.</summary>
internal static class ProblemRules
{
    public static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        NpgsqlException when IsOutage(exception) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The caller's own fault, or his leaving, is no error of ours to log.</summary>
    public static bool IsCallers(Exception exception, HttpContext context) =>
        exception is BadHttpRequestException || (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested);

    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        problem.Status ??= context.HttpContext.Response.StatusCode;

        // The framework fills in a link to the RFC's section, which says no more than the number does.
        if (problem.Type is null || problem.Type.StartsWith("https://tools.ietf.org/", StringComparison.Ordinal))
        {
            (problem.Type, problem.Title) = TypeOf(problem.Status.Value);
        }

        if (problem.Detail is null && context.Exception is BadHttpRequestException bad)
        {
            problem.Detail = bad.InnerException is JsonException json ? $"{bad.Message} {json.Message}" : bad.Message;
        }

        problem.Extensions.TryAdd("traceId", Activity.Current?.Id ?? context.HttpContext.TraceIdentifier);
    }

    private static (string Type, string Title) TypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => (KnownProblems.Unauthenticated, "A valid bearer token is needed"),
        StatusCodes.Status403Forbidden => (KnownProblems.ScopeMissing, "The token lacks the scope for this"),
        StatusCodes.Status404NotFound => (KnownProblems.NotFound, "Not found"),
        StatusCodes.Status405MethodNotAllowed => (KnownProblems.MethodNotAllowed, "Method not allowed"),
        StatusCodes.Status409Conflict => (KnownProblems.Conflict, "Conflict"),
        StatusCodes.Status412PreconditionFailed => (KnownProblems.PreconditionFailed, "It has changed since you read it"),
        StatusCodes.Status413PayloadTooLarge => (KnownProblems.PayloadTooLarge, "The request is too large"),
        StatusCodes.Status415UnsupportedMediaType => (KnownProblems.UnsupportedMediaType, "Unsupported media type"),
        StatusCodes.Status429TooManyRequests => (KnownProblems.TooManyRequests, "Too many requests"),
        StatusCodes.Status503ServiceUnavailable => (KnownProblems.Unavailable, "Not available now"),
        StatusCodes.Status400BadRequest or StatusCodes.Status422UnprocessableEntity => (KnownProblems.Validation, "The request is not valid"),
        < 500 => (KnownProblems.BadRequest, "The request cannot be served"),
        _ => (KnownProblems.Internal, "Internal error"),
    };

    /// <summary>The database is away, or not migrated yet (42P01 undefined table, 3F000 undefined schema).</summary>
    private static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException { SqlState: "42P01" or "3F000" } => true,
        PostgresException { SqlState: ['5', '7', ..] or ['0', '8', ..] or ['5', '3', ..] } => true,
        PostgresException => false,
        NpgsqlException => true,
        _ => false,
    };
}
