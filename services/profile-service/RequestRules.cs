using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService;

/// <summary>What requests may hold.</summary>
internal static class RequestRules
{
    public const int DefaultPageSize = 100;
    public const int MaxPageSize = 1000;
    private const int MaxText = 200;

    public static List<(string Field, string Message)> FaultsOf(AddTenantRequest request, string? idempotencyKey)
    {
        var faults = Idempotency.FaultsOf(idempotencyKey).ToList();
        if (request.Tenant.Value.Length == 0)
        {
            faults.Add(("tenant", "is needed"));
        }

        if (request.DisplayName?.Length > MaxText)
        {
            faults.Add(("displayName", $"must have at most {MaxText} characters"));
        }

        return faults;
    }

    public static List<(string Field, string Message)> FaultsOf(NewIngestKeyRequest request, string? idempotencyKey, DateTimeOffset now)
    {
        var faults = Idempotency.FaultsOf(idempotencyKey).ToList();
        if (request.Description?.Length > MaxText)
        {
            faults.Add(("description", $"must have at most {MaxText} characters"));
        }

        if (request.ExpiresAt <= now)
        {
            faults.Add(("expiresAt", "must lie in the future"));
        }

        return faults;
    }
}
