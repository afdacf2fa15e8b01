namespace StellaOps.Telemetry.IncidentService.Hooks.Rules;

/// <summary>What is in force; the watcher swaps it.</summary>
internal sealed class HooksState(HooksReading first)
{
    private volatile HooksModel? _current = first.Model;

    /// <summary>What the start took.</summary>
    public HooksReading First => first;

    /// <summary>Null: hooks are closed.</summary>
    public HooksModel? Current
    {
        get => _current;
        set => _current = value;
    }
}
