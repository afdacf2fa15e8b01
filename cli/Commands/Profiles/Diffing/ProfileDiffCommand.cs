using System.CommandLine;
using System.Security.Cryptography;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Diffing;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

internal sealed class ProfileDiffCommand : StellaCommand
{
    private const string References =
        "A name or a file of this disk; NAME@VERSION or NAME@latest, a signed version of the profile service; agent:UID/desired or agent:UID/running, what an agent should run, and what it runs. ./ before a name makes it a file.";

    private static readonly IReadOnlyList<IProfileSource> s_sources = [new VersionProfileSource(), new AgentProfileSource(), new DiskProfileSource()];

    private readonly Argument<string> _before = new("a") { Description = $"The profile as it was. {References}" };
    private readonly Argument<string> _after = new("b") { Description = "The profile as it is to be, said likewise." };
    private readonly Option<string?> _overlay = ProfileOptions.Overlay("Lay the overlay of this environment over what is read from the disk; a signed version has its own.");

    private readonly Option<string?> _trust = new("--trust")
    {
        Description = "Take signed versions only by authors whom this trust file knows, as a gateway does. Default: the profile service has judged them.",
        HelpName = "FILE",
    };

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

    public ProfileDiffCommand(CliHost host)
        : base(host, "diff", "Shows what differs between two profiles, each change with its risk.")
    {
        Arguments.Add(_before);
        Arguments.Add(_after);
        Options.Add(_overlay);
        Options.Add(_trust);
        Options.Add(_failOn);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile diff default forensic",
        "stella telemetry profile diff default ./mine.yaml --output json",
        "stella telemetry profile diff default ./mine.yaml --fail-on lowers-sampling",
        "stella telemetry profile diff forensic@6 forensic@latest --trust trust.json",
        "stella telemetry profile diff forensic@latest forensic --overlay prod",
        "stella telemetry profile diff agent:0192f3a1-5c7e-7000-8000-3f2b1a4c5d6e/running agent:0192f3a1-5c7e-7000-8000-3f2b1a4c5d6e/desired",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (before, after) = (context.Arguments.GetRequiredValue(_before), context.Arguments.GetRequiredValue(_after));
        var reading = new ProfileReading(context.Arguments.GetValue(_overlay), TrustOf(context));
        var changes = ProfileDiffer.Diff(
            await ResolveAsync(context, before, reading, cancellationToken), await ResolveAsync(context, after, reading, cancellationToken));
        context.Output.Print(ProfileDiffReport.Of(before, after, changes), CliJson.Default.ProfileDiffReport, _ => Table(changes));
        context.Output.Say(changes.Count switch { 0 => "no change", 1 => "1 change", var count => $"{count} changes" });
        var isTooMuch = context.Arguments.GetValue(_failOn) is { } threshold && changes.Any(c => c.Risk >= threshold);
        return isTooMuch ? CliExitCodes.VerificationFailed : CliExitCodes.Done;
    }

    private TrustStore? TrustOf(CommandContext context)
    {
        try
        {
            return context.Arguments.GetValue(_trust) is { } file ? TrustStore.Load(Path.GetFullPath(file, context.Host.WorkingDirectory)) : null;
        }
        catch (CryptographicException e)
        {
            throw new CliException(CliExitCodes.WrongUsage, e.Message, "name a gateway's trust file", e);
        }
    }

    private static async Task<ProfileResolution> ResolveAsync(CommandContext context, string reference, ProfileReading reading, CancellationToken cancellationToken)
    {
        foreach (var source in s_sources)
        {
            if (await source.FindAsync(context, reference, reading, cancellationToken) is { } resolution)
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
