using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Diffing;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

internal sealed class ProfileDiffCommand : StellaCommand
{
    private readonly Argument<string> _before = new("a") { Description = "The profile as it was: a name, or a file." };
    private readonly Argument<string> _after = new("b") { Description = "The profile as it is to be: a name, or a file." };
    private readonly Option<string?> _overlay = ProfileOptions.Overlay("Lay the overlay of this environment over both.");

    private readonly Option<ChangeRisk?> _failOn = new("--fail-on")
    {
        Description = $"Exit with 3 when a change has this risk or a higher one, with 0 otherwise; without it always with 0. In rising order: {string.Join(", ", ChangeRisks.All.Select(ChangeRisks.Name))}.",
        HelpName = "RISK",
        CustomParser = result =>
        {
            if (result.Tokens.Count == 1 && ChangeRisks.TryParse(result.Tokens[0].Value, out var risk))
            {
                return risk;
            }

            result.AddError($"--fail-on: write one of {string.Join(", ", ChangeRisks.All.Select(ChangeRisks.Name))}.");
            return null;
        },
    };

    private readonly IReadOnlyList<IProfileSource> _sources;

    public ProfileDiffCommand(CliHost host)
        : base(host, "diff", "Shows what differs between two profiles, each change with its risk.")
    {
        Arguments.Add(_before);
        Arguments.Add(_after);
        Options.Add(_overlay);
        Options.Add(_failOn);
        _sources = [new DiskProfileSource(host)];
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile diff default forensic",
        "stella telemetry profile diff default ./mine.yaml --output json",
        "stella telemetry profile diff default ./mine.yaml --fail-on lowers-sampling",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (before, after) = (context.Arguments.GetRequiredValue(_before), context.Arguments.GetRequiredValue(_after));
        var overlay = context.Arguments.GetValue(_overlay);
        var changes = ProfileDiffer.Diff(
            await ResolveAsync(context, before, overlay, cancellationToken), await ResolveAsync(context, after, overlay, cancellationToken));
        context.Output.Print(ProfileDiffReport.Of(before, after, changes), CliJson.Default.ProfileDiffReport, _ => Table(changes));
        context.Output.Say(changes.Count switch { 0 => "no change", 1 => "1 change", var count => $"{count} changes" });
        var isTooMuch = context.Arguments.GetValue(_failOn) is { } threshold && changes.Any(c => c.Risk >= threshold);
        return isTooMuch ? CliExitCodes.VerificationFailed : CliExitCodes.Done;
    }

    private async Task<ProfileResolution> ResolveAsync(CommandContext context, string reference, string? overlay, CancellationToken cancellationToken)
    {
        foreach (var source in _sources)
        {
            if (await source.FindAsync(reference, overlay, cancellationToken) is { } resolution)
            {
                return ValidProfile.Require(context, resolution, reference);
            }
        }

        throw CliException.Usage($"there is no profile '{reference}'", "name one of 'stella telemetry profile list', or a file");
    }

    private static Table Table(IReadOnlyList<ProfileChange> changes)
    {
        var table = OutputWriter.NewTable("RISK", "CHANGE", "KEY");
        foreach (var change in changes)
        {
            table.AddRow($"[{Colour(change.Risk)}]{ChangeRisks.Name(change.Risk)}[/]", Markup.Escape(change.Text), $"[grey]{Markup.Escape(change.Path)}[/]");
        }

        return table;
    }

    private static string Colour(ChangeRisk risk) => risk switch
    {
        ChangeRisk.Harmless => "green",
        < ChangeRisk.WeakensDurability => "yellow",
        _ => "red",
    };
}
