using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Notifying;

/// <summary>What came of loading: targets when there is no fault, else every fault that one pass finds.</summary>
public sealed record NotifyLoadResult(IReadOnlyList<NotifyTarget>? Targets, IReadOnlyList<ProfileFault> Faults)
{
    /// <summary>Whether the targets may be used.</summary>
    [MemberNotNullWhen(true, nameof(Targets))]
    public bool IsValid => Targets is not null;
}

/// <summary>Reads and judges a document of kind <c>Notifications</c> (docs/notifications.md).</summary>
public static class NotifyLoader
{
    /// <summary>The one <c>kind</c>.</summary>
    public const string Kind = "Notifications";

    /// <summary>Loads a document.</summary>
    /// <param name="file">How faults name it; relative paths in it begin at its folder.</param>
    public static NotifyLoadResult Load(TextReader text, string file)
    {
        var (targets, faults) = KindReader.Load(text, file, Kind, NotifyReader.Read);
        return new NotifyLoadResult(targets, faults);
    }
}
