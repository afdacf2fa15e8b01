using System.Collections.Frozen;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>The targets of one document. Immutable.</summary>
internal sealed class NotifyTargets(IReadOnlyList<NotifyTarget> all)
{
    private readonly FrozenDictionary<string, NotifyTarget> _byName = all.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);

    public static NotifyTargets None { get; } = new([]);

    public IReadOnlyList<NotifyTarget> All => all;

    public NotifyTarget? Find(string name) => _byName.GetValueOrDefault(name);
}
