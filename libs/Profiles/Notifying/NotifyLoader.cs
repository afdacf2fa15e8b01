using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Model;
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
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(file);
        var faults = new FaultList();
        var targets = Read(ProfileLoader.ReadBounded(text), file, faults);
        return new NotifyLoadResult(faults.IsEmpty ? targets : null, faults.InOrder(file));
    }

    private static IReadOnlyList<NotifyTarget>? Read(string text, string file, FaultList faults)
    {
        var node = DocumentParser.Parse(text, file, faults);
        if (node is not MappingNode mapping)
        {
            if (node is not null)
            {
                faults.Add(node.Place, "", "not a mapping", $"begin with 'apiVersion: {Profile.ApiVersion}'");
            }

            return null;
        }

        var root = new YamlSection(faults, "", mapping);
        root.Require("apiVersion", Scalars.OneOf((Profile.ApiVersion, true)), Profile.ApiVersion, true);
        root.Require("kind", Scalars.OneOf((Kind, true)), Kind, true);
        var metadata = root.Section("metadata");
        metadata.Require("name", Scalars.Name, "a name of a-z, 0-9, '-' and '_', beginning with a letter", "");
        metadata.Done();
        var targets = NotifyReader.Read(root.Section("spec"), Path.GetDirectoryName(file) ?? "");
        root.Done();
        return targets;
    }
}
