using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.CaptureWorker.Api;

/// <summary>Judges the body of <c>POST /api/v1/captures</c>.</summary>
internal static class CreateCaptureRules
{
    private const int MaxServices = 100;
    private const int MaxTextLength = 255;
    private const int TraceIdDigits = 32;

    /// <summary>All that is wrong with it.</summary>
    public static IEnumerable<(string Field, string Message)> Check(CreateCaptureRequest request, CaptureOptions options, DateTimeOffset now)
    {
        if (request.Tenant.Value.Length == 0)
        {
            yield return ("tenant", "is missing");
        }

        if (request.To <= request.From)
        {
            yield return ("to", "is not after from");
        }
        else if (request.To - request.From > options.MaxWindow)
        {
            yield return ("to", $"is more than {options.MaxWindow.TotalDays:0.#} days after from: capture in parts");
        }

        if (request.From < DateTimeOffset.UnixEpoch)
        {
            yield return ("from", "is before 1970");
        }

        if (request.To > now + options.MaxAhead)
        {
            yield return ("to", $"is more than {options.MaxAhead.TotalHours:0.#} hours ahead");
        }

        if (request.Services is { } services && (services.Count > MaxServices || services.Any(s => string.IsNullOrEmpty(s) || s.Length > MaxTextLength)))
        {
            yield return ("services", $"takes at most {MaxServices} names of 1 to {MaxTextLength} characters");
        }

        if (request.TraceId is { } trace && (trace.Length != TraceIdDigits || !trace.All(char.IsAsciiHexDigit)))
        {
            yield return ("traceId", "is not 32 hexadecimal digits");
        }

        if (request.MaxContentBytes is { } bytes && (bytes < 1 || bytes > options.MaxContentBytes))
        {
            yield return ("maxContentBytes", $"is not 1 to {options.MaxContentBytes}, this worker's limit ({CaptureOptions.KeyOf(nameof(options.MaxContentBytes))})");
        }

        if (request.MaxDurationSeconds is { } seconds && (seconds < 1 || seconds > options.MaxDuration.TotalSeconds))
        {
            yield return ("maxDurationSeconds", $"is not 1 to {options.MaxDuration.TotalSeconds:0}, this worker's limit ({CaptureOptions.KeyOf(nameof(options.MaxDuration))})");
        }

        if (request.IncidentId is { Length: 0 or > MaxTextLength })
        {
            yield return ("incidentId", $"has not 1 to {MaxTextLength} characters");
        }
    }
}
