using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileValidateCommand : StellaCommand
{
    private readonly Argument<string[]> _profiles = new("profile") { Description = "Names or files; none means every profile of the profiles folder.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _overlay = ProfileOptions.Overlay("Judge with the overlay of this environment, and only so. By default a profile is judged by itself and with each of its overlays.");

    public ProfileValidateCommand(CliHost host)
        : base(host, "validate", "Judges profiles with all that they rest on: every fault of every document, where it stands, and how to mend it.")
    {
        Arguments.Add(_profiles);
        Options.Add(_overlay);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile validate",
        "stella telemetry profile validate forensic --overlay prod",
        "stella telemetry profile validate ./mine.yaml --output json",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (host, names, overlay) = (context.Host, context.Arguments.GetValue(_profiles) ?? [], context.Arguments.GetValue(_overlay));
        var profiles = names.Length == 0 ? ProfileFolder.List(host) : [.. names.Select(n => ProfileFolder.Find(host, n))];
        var results = profiles.SelectMany(p => overlay is null ? JudgeAll(host, p) : [Judge(host, p, overlay)]).ToList();
        context.Output.Print(results, CliJson.Default.IReadOnlyListProfileValidation, Table);
        var faulty = results.Count(r => !r.Valid);
        context.Output.Say($"{results.Count - faulty} valid, {faulty} not");
        return Task.FromResult(faulty == 0 ? CliExitCodes.Done : CliExitCodes.VerificationFailed);
    }

    private static IEnumerable<ProfileValidation> JudgeAll(CliHost host, FoundProfile profile)
    {
        var alone = profile.Resolve(host, null);
        return profile.OverlaysOf(alone.Lineage.FirstOrDefault() ?? profile.Name).Select(o => Judge(host, profile, o)).Prepend(Report(host, profile, alone, null));
    }

    private static ProfileValidation Judge(CliHost host, FoundProfile profile, string overlay) => Report(host, profile, profile.Resolve(host, overlay), overlay);

    private static ProfileValidation Report(CliHost host, FoundProfile profile, ProfileResolution resolution, string? overlay) =>
        new(profile.Shown(host), resolution.IsValid, resolution.Faults, overlay, [.. resolution.Documents.Select(d => d.Path)]);

    /// <summary>A fault of a parent shows once, however many inherit it.</summary>
    private static Table Table(IReadOnlyList<ProfileValidation> results)
    {
        var table = OutputWriter.NewTable("PLACE", "FAULT", "FIX");
        foreach (var fault in results.SelectMany(r => r.Faults).Distinct())
        {
            table.AddRow(
                Markup.Escape($"{fault.File}:{fault.Line}:{fault.Column}"),
                Markup.Escape(fault.Path.Length == 0 ? fault.Problem : $"{fault.Path}: {fault.Problem}"),
                Markup.Escape(fault.Fix));
        }

        foreach (var valid in results.Where(r => r.Valid))
        {
            table.AddRow(Markup.Escape(valid.Overlay is null ? valid.File : $"{valid.File} + {valid.Overlay}"), "none", "-");
        }

        return table;
    }
}
