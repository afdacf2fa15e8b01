using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.Versions;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>What requests about rollouts may hold.</summary>
internal static class RolloutRules
{
    public const int DefaultPageSize = 20;
    public const int MaxPageSize = 100;
    private const int MaxText = 1024;
    private const int MaxLabels = 16;
    private const int MaxSoakSeconds = 86_400;
    private const int MinApplySeconds = 5;
    private const int MaxApplySeconds = 3_600;
    private const int MaxUnhealthySeconds = 3_600;
    private const int MaxQueueSeconds = 86_400;
    private const long MaxCount = 1_000_000_000;

    public static List<(string Field, string Message)> FaultsOf(StartRolloutRequest request, string? idempotencyKey)
    {
        var faults = Idempotency.FaultsOf(idempotencyKey).ToList();
        Add(faults, request.Profile.Length is 0 or > 253, "profile", "is needed: the profile's name");
        Add(faults, request.Version < 1, "version", "must be 1 or more");
        Add(faults, !RolloutBatches.TryReadCanary(request.Canary, int.MaxValue, out _), "canary", "must be a count of agents (1) or a share of them (10%)");
        Add(faults, request.Batches is < 1 or > RolloutBatches.MaxBatches, "batches", $"must be 1 to {RolloutBatches.MaxBatches}");
        Add(faults, request.SoakSeconds is < 0 or > MaxSoakSeconds, "soakSeconds", $"must be 0 to {MaxSoakSeconds}");
        Add(faults, request.ApplySeconds is < MinApplySeconds or > MaxApplySeconds, "applySeconds", $"must be {MinApplySeconds} to {MaxApplySeconds}");
        Add(faults, request.Floor < 0, "floor", "must be 0 or a version");
        Add(faults, request.Reason?.Length > MaxText, "reason", $"must have at most {MaxText} characters");
        Add(faults, request.Selector?.Count > MaxLabels, "selector", $"must have at most {MaxLabels} labels");
        Add(faults, request.Selector?.Any(l => l.Key.Length is 0 or > 256 || l.Value is null or { Length: > 256 }) is true, "selector", "must have labels and values of at most 256 characters");
        if (request.Gate is { } gate)
        {
            Add(faults, gate.UnhealthySeconds is < 0 or > MaxUnhealthySeconds, "gate.unhealthySeconds", $"must be 0 to {MaxUnhealthySeconds}");
            Add(faults, gate.ExportFailures is < 0 or > MaxCount, "gate.exportFailures", $"must be 0 to {MaxCount}");
            Add(faults, gate.Refusals is < 0 or > MaxCount, "gate.refusals", $"must be 0 to {MaxCount}");
            Add(faults, gate.QueueSeconds is < 1 or > MaxQueueSeconds, "gate.queueSeconds", $"must be 1 to {MaxQueueSeconds}");
        }

        if (request.ApprovalOverride is { } glass)
        {
            faults.AddRange(VersionRules.FaultsOfBundle("approvalOverride", glass));
        }

        return faults;
    }

    public static List<(string Field, string Message)> FaultsOf(ChangeRolloutRequest? request)
    {
        var faults = new List<(string Field, string Message)>();
        Add(faults, request?.Reason?.Length > MaxText, "reason", $"must have at most {MaxText} characters");
        return faults;
    }

    private static void Add(List<(string Field, string Message)> faults, bool isFault, string field, string message)
    {
        if (isFault)
        {
            faults.Add((field, message));
        }
    }
}
