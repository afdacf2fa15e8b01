using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.ServiceDefaults.Http;

/// <summary>Answers of handlers that cannot do what was asked.</summary>
public static class Problems
{
    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, type: KnownProblems.NotFound, title: "Not found");

    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict, type: KnownProblems.Conflict, title: "Conflict");

    public static ProblemHttpResult PreconditionFailed(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status412PreconditionFailed, type: KnownProblems.PreconditionFailed, title: "It has changed since you read it");

    public static ProblemHttpResult TenantNotAllowed(TenantId tenant) =>
        TypedResults.Problem($"The token is not good for tenant '{tenant}'.", statusCode: StatusCodes.Status403Forbidden, type: KnownProblems.TenantNotAllowed, title: "Tenant not allowed");

    /// <summary>For what only a token of all tenants may do.</summary>
    public static ProblemHttpResult AllTenantsNeeded() =>
        TypedResults.Problem("This needs a token that is good for all tenants.", statusCode: StatusCodes.Status403Forbidden, type: KnownProblems.TenantNotAllowed, title: "Tenant not allowed");

    public static ProblemHttpResult IdempotencyMismatch() =>
        TypedResults.Problem("This Idempotency-Key was used with another request.", statusCode: StatusCodes.Status422UnprocessableEntity, type: KnownProblems.IdempotencyMismatch, title: "Idempotency-Key used before");

    /// <summary>One message for each field that is wrong.</summary>
    public static ProblemHttpResult Validation(params IEnumerable<(string Field, string Message)> faults) =>
        TypedResults.Problem(
            string.Join(" ", faults.Select(f => $"{f.Field}: {f.Message}.")),
            statusCode: StatusCodes.Status400BadRequest,
            type: KnownProblems.Validation,
            title: "The request is not valid",
            extensions: new Dictionary<string, object?>
            {
                ["errors"] = faults.GroupBy(f => f.Field).ToDictionary(g => g.Key, g => g.Select(f => f.Message).ToArray()),
            });

    public static ProblemHttpResult Unavailable(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable, type: KnownProblems.Unavailable, title: "Not available now");
}
