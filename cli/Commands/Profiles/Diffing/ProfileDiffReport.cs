using StellaOps.Telemetry.Profiles.Diffing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

/// <summary>What differs between two profiles.</summary>
/// <param name="HighestRisk">Null when nothing differs.</param>
internal sealed record ProfileDiffReport(string Before, string After, string? HighestRisk, IReadOnlyList<ProfileChangeReport> Changes)
{
    public static ProfileDiffReport Of(string before, string after, IReadOnlyList<ProfileChange> changes) => new(
        before,
        after,
        ProfileDiffer.HighestRisk(changes) is { } risk ? ChangeRisks.Name(risk) : null,
        [.. changes.Select(c => new ProfileChangeReport(c.Path, c.Before, c.After, ChangeRisks.Name(c.Risk), c.Text))]);
}

/// <summary>One change; <paramref name="Risk"/> as <c>--fail-on</c> takes it.</summary>
internal sealed record ProfileChangeReport(string Path, string? Before, string? After, string Risk, string Text);
