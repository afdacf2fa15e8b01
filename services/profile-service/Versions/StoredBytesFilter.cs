namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>Turns what the database should not hold into a problem.</summary>
internal sealed class StoredBytesFilter(ILogger<StoredBytesFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (StoredBytesException e)
        {
            StoredBytesLog.Tell(logger, e);
            return RefusedProblem.Of(e);
        }
    }
}
