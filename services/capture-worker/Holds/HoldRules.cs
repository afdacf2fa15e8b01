using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Holds;

/// <summary>What requests may hold.</summary>
internal static class HoldRules
{
    private const int MaxText = 500;
    private const int MaxServices = 100;
    private const int MaxName = 255;

    public static IEnumerable<(string Field, string Message)> FaultsOf(CreateHoldRequest request, string? idempotencyKey, DateTimeOffset now)
    {
        if (request.Tenant.Value.Length == 0)
        {
            yield return ("tenant", "is needed");
        }

        if (request.From < DateTimeOffset.UnixEpoch || request.From > now)
        {
            yield return ("from", "must be after 1970 and not ahead of now");
        }

        if (request.To <= request.From)
        {
            yield return ("to", "must be after from, or absent while the window still grows");
        }

        if (request.Until <= now)
        {
            yield return ("until", "is past; leave it out for a hold without end");
        }

        if (request.Services is { } services && (services.Count > MaxServices || services.Any(s => string.IsNullOrEmpty(s) || s.Length > MaxName)))
        {
            yield return ("services", $"must be at most {MaxServices} names of 1 to {MaxName} characters");
        }

        if (request.IncidentId is { Length: 0 or > MaxName })
        {
            yield return ("incidentId", $"must have 1 to {MaxName} characters");
        }

        foreach (var fault in Idempotency.FaultsOf(idempotencyKey).Concat(FaultsOfReason(request.Reason)))
        {
            yield return fault;
        }
    }

    public static IEnumerable<(string Field, string Message)> FaultsOfReason(string? reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > MaxText ? [("reason", $"must have 1 to {MaxText} characters")] : [];
}
