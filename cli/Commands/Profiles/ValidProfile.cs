using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>For commands that have no use for a profile with faults.</summary>
internal static class ValidProfile
{
    /// <summary>The resolution, which has a profile; else its faults are shown and the command ends.</summary>
    /// <param name="name">How the user calls it.</param>
    public static ProfileResolution Require(CommandContext context, ProfileResolution resolution, string name)
    {
        if (resolution.IsValid)
        {
            return resolution;
        }

        foreach (var fault in resolution.Faults)
        {
            context.Output.Note(fault.ToString());
        }

        var count = resolution.Faults.Count;
        throw new CliException(CliExitCodes.Failed, $"'{name}' has {(count == 1 ? "1 fault" : $"{count} faults")}", "mend what stands above");
    }
}
