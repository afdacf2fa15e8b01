using Microsoft.Extensions.Options;
using StellaOps.Telemetry.IncidentService.Hooks.Rules;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>Judges the document that the options name, and its secrets, so that what is wrong stops the start.</summary>
internal sealed class ValidateHookOptions : IValidateOptions<HookOptions>
{
    public ValidateOptionsResult Validate(string? name, HookOptions options) =>
        new HooksFile(options.File).Read() is { Faults: { Count: > 0 } faults } ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
