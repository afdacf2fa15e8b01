namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>The targets in force; the watcher swaps them.</summary>
internal sealed class NotifyTargetsState(NotifyTargets first)
{
    private volatile NotifyTargets _current = first;

    public NotifyTargets Current
    {
        get => _current;
        set => _current = value;
    }
}
