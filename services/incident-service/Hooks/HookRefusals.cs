using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Profiles.Hooks;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>Counts what is refused, and says why in the log where somebody known sent it: what strangers send is only counted.</summary>
internal sealed partial class HookRefusals(HookSource source) : IEndpointFilter
{
    private const int MaxShown = 300;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            var result = await next(context);
            if (result is INestedHttpResult { Result: ProblemHttpResult { StatusCode: < StatusCodes.Status500InternalServerError } problem })
            {
                OnRefused(context, problem.StatusCode, problem.ProblemDetails.Detail ?? "");
            }

            return result;
        }
        catch (BadHttpRequestException e)
        {
            OnRefused(context, e.StatusCode, e.Message);
            throw;
        }
    }

    private void OnRefused(EndpointFilterInvocationContext context, int status, string why)
    {
        var services = context.HttpContext.RequestServices.GetRequiredService<HookServices>();
        services.Instruments.OnRefused(source);
        if (status != StatusCodes.Status401Unauthorized && status != StatusCodes.Status413PayloadTooLarge)
        {
            Log.Refused(services.Logger, source, status, why.Length > MaxShown ? why[..MaxShown] : why);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.HookDeliveryRefused, LogLevel.Warning, "Hook of {Source} refused with {Status}: {Why}")]
        public static partial void Refused(ILogger logger, HookSource source, int status, string why);
    }
}
