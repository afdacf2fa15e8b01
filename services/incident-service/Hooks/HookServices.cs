using StellaOps.Telemetry.IncidentService.Hooks.Rules;
using StellaOps.Telemetry.IncidentService.Publishing;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>What a hook takes.</summary>
internal sealed class HookServices(HooksState state, HookDesk desk, IncidentActivator activator, HookInstruments instruments, TimeProvider time, ILogger<HookServices> logger)
{
    public HooksState State => state;

    public HookDesk Desk => desk;

    public IncidentActivator Activator => activator;

    public HookInstruments Instruments => instruments;

    public TimeProvider Time => time;

    public ILogger Logger => logger;
}
