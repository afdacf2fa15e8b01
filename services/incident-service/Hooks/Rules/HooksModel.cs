using StellaOps.Telemetry.Profiles.Hooks;

namespace StellaOps.Telemetry.IncidentService.Hooks.Rules;

/// <summary>Rules and secrets in force, as a whole.</summary>
internal sealed class HooksModel(IReadOnlyList<HookRule> rules, IReadOnlyList<OrchestratorModel> orchestrators)
{
    public IReadOnlyList<HookRule> Rules => rules;

    public IReadOnlyList<OrchestratorModel> Orchestrators => orchestrators;

    /// <summary>The first rule that takes the report; null: it is ignored.</summary>
    public HookRule? Find(HookSource source, IReadOnlyDictionary<string, string> labels) => rules.FirstOrDefault(r => r.Takes(source, labels));
}
