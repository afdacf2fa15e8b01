using System.CommandLine;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileShowCommand : StellaCommand
{
    private readonly Argument<string> _profile = new("profile") { Description = "A name, or a file." };
    private readonly Option<string?> _overlay = ProfileOptions.Overlay("Lay the overlay of this environment over it.");

    public ProfileShowCommand(CliHost host)
        : base(host, "show", "Shows what a profile comes to: parents, overlay and defaults included.")
    {
        Arguments.Add(_profile);
        Options.Add(_overlay);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile show forensic",
        "stella telemetry profile show forensic --overlay prod",
        "stella telemetry profile show ./mine.yaml --output yaml",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var found = ProfileFolder.Find(context.Host, context.Arguments.GetRequiredValue(_profile));
        var overlay = context.Arguments.GetValue(_overlay);
        var resolution = found.Resolve(context.Host, overlay);
        if (!resolution.IsValid)
        {
            foreach (var fault in resolution.Faults)
            {
                context.Output.Note(fault.ToString());
            }

            var count = resolution.Faults.Count;
            throw new CliException(CliExitCodes.Failed, $"'{found.Shown(context.Host)}' has {(count == 1 ? "1 fault" : $"{count} faults")}", "mend what stands above");
        }

        context.Output.Print(ProfileDetails.Of(resolution, overlay), CliJson.Default.ProfileDetails, ProfileDetailsTable.Of);
        return Task.FromResult(CliExitCodes.Done);
    }
}
