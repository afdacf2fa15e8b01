namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>Turns what the database should not hold into a problem, and says it loudly: somebody changed it behind the service.</summary>
internal sealed partial class StoredBytesFilter(ILogger<StoredBytesFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (StoredBytesException e)
        {
            if (e.IsTampering)
            {
                Log.Tampered(logger, e.Message);
            }

            return RefusedProblem.Of(e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.StoredBytesChanged, LogLevel.Critical, "The database does not hold what was signed, so it is not given out: {What}")]
        public static partial void Tampered(ILogger logger, string what);
    }
}
