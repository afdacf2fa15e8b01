using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>What requests may hold.</summary>
internal static class IncidentRules
{
    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 500;
    private const int MaxTtlSeconds = 7 * 24 * 3600;
    private const int MaxCooldownSeconds = 24 * 3600;
    private const int MaxReason = 500;
    private const int MaxServices = 100;
    private const int MaxServiceName = 255;
    private const int MaxMatches = 8;
    private const int MaxAttributeText = 255;
    private const int MaxLookbackSeconds = 7 * 24 * 3600;
    private const int MinCaptureSeconds = 10;
    private const int MaxIdLength = 64;

    public static List<(string Field, string Message)> FaultsOf(StartIncidentRequest request, string? idempotencyKey, DateTimeOffset now)
    {
        var faults = new List<(string, string)>();
        if (request.Tenant.Value.Length == 0)
        {
            faults.Add(("tenant", "is needed"));
        }

        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > MaxReason)
        {
            faults.Add(("reason", $"must have 1 to {MaxReason} characters"));
        }

        if (!Enum.IsDefined(request.Severity))
        {
            faults.Add(("severity", "must be info, warning or critical"));
        }

        if (request.SamplingRate is not (null or (> 0 and <= 1)))
        {
            faults.Add(("samplingRate", "must be above 0 and at most 1"));
        }

        if (request.CooldownSeconds is < 0 or > MaxCooldownSeconds)
        {
            faults.Add(("cooldownSeconds", $"must be 0 to {MaxCooldownSeconds}"));
        }

        if (request.Services is { } services && (services.Count > MaxServices || services.Any(s => string.IsNullOrEmpty(s) || s.Length > MaxServiceName)))
        {
            faults.Add(("services", $"must be at most {MaxServices} names of 1 to {MaxServiceName} characters"));
        }

        if (request.Match is { } match && (match.Count > MaxMatches || match.Any(m => m.Key.Length is 0 or > MaxAttributeText || m.Value is null || m.Value.Length > MaxAttributeText)))
        {
            faults.Add(("match", $"must be at most {MaxMatches} attributes: names of 1 to {MaxAttributeText} characters, values of at most {MaxAttributeText}"));
        }

        if (request.LookbackSeconds is < 0 or > MaxLookbackSeconds)
        {
            faults.Add(("lookbackSeconds", $"must be 0 to {MaxLookbackSeconds}"));
        }

        if (request.Captures?.EverySeconds is { } every && every is < MinCaptureSeconds or > MaxTtlSeconds)
        {
            faults.Add(("captures.everySeconds", $"must be {MinCaptureSeconds} to {MaxTtlSeconds}, or absent"));
        }

        if (request.RetainUntil <= now)
        {
            faults.Add(("retainUntil", "is past"));
        }

        if (request.RetainUntil is not null && request.LegalHold)
        {
            faults.Add(("retainUntil", "has no meaning beside legalHold, which has no end: leave one of them out"));
        }

        if (request.Replaces is { Length: 0 or > MaxIdLength })
        {
            faults.Add(("replaces", "is not an incident's id"));
        }

        faults.AddRange(Idempotency.FaultsOf(idempotencyKey));
        faults.AddRange(FaultsOfTtl(request.TtlSeconds));
        return faults;
    }

    public static IEnumerable<(string Field, string Message)> FaultsOfTtl(int ttlSeconds) =>
        ttlSeconds is < 1 or > MaxTtlSeconds ? [("ttlSeconds", $"must be 1 to {MaxTtlSeconds}")] : [];

    public static IEnumerable<(string Field, string Message)> FaultsOfReason(string? reason) =>
        reason?.Length > MaxReason ? [("reason", $"must have at most {MaxReason} characters")] : [];
}
