using Microsoft.AspNetCore.Http;

namespace StellaOps.Telemetry.ServiceDefaults.Http;

/// <summary>Writes problem details whatever the caller's Accept header says: an error without a body helps nobody.</summary>
internal sealed class StellaProblemDetailsWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var response = context.HttpContext.Response;
        ProblemRules.Complete(context);
        response.StatusCode = context.ProblemDetails.Status ?? response.StatusCode;
        await response.WriteAsJsonAsync(context.ProblemDetails, options: null, contentType: "application/problem+json", context.HttpContext.RequestAborted);
    }
}
