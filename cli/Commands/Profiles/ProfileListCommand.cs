using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileListCommand : StellaCommand
{
    private readonly Option<bool> _published = new("--published") { Description = "List what the profile service holds instead: the latest version of each profile, and the one that is deployed." };
    private readonly Option<string?> _overlay = ProfileOptions.Overlay("Judge each with the overlay of this environment, where it has one.");

    public ProfileListCommand(CliHost host)
        : base(host, "list", "Lists the profiles of the profiles folder, what they inherit from and which environments change them.")
    {
        Options.Add(_overlay);
        Options.Add(_published);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile list",
        "stella telemetry profile list --overlay prod",
        "stella telemetry profile list --published",
        "stella telemetry profile list --output json",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var overlay = context.Arguments.GetValue(_overlay);
        if (!context.Arguments.GetValue(_published))
        {
            return ListFolder(context, overlay);
        }

        return overlay is null
            ? await ListPublishedAsync(context, cancellationToken)
            : throw CliException.Usage("--overlay does not go with --published", "a published version holds its own overlay: 'stella telemetry profile history NAME' shows it");
    }

    private static async Task<int> ListPublishedAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead);
        var client = new ProfileClient(http);
        var profiles = await Paging.AllAsync(cursor => client.ListProfilesAsync(cursor, cancellationToken));
        context.Output.Print(profiles, ContractsJson.Default.PageProfileResponse, p => VersionTables.Of(p.Items));
        foreach (var damaged in profiles.Items.Where(p => p.Problem is not null))
        {
            context.Output.Note($"{damaged.Name}@{damaged.LatestVersion} is {damaged.Problem}: {damaged.ProblemDetail}");
        }

        return CliExitCodes.Done;
    }

    private static int ListFolder(CommandContext context, string? overlay)
    {
        var profiles = ProfileFolder.List(context.Host).Select(p => Summary(context.Host, p, overlay)).ToList();
        context.Output.Print(profiles, CliJson.Default.IReadOnlyListProfileSummary, all =>
        {
            var table = OutputWriter.NewTable("PROFILE", "VALID", "INHERITS FROM", "OVERLAYS", "DESCRIPTION", "FILE");
            foreach (var p in all)
            {
                table.AddRow(
                    Markup.Escape(p.Overlay is null ? p.Name : $"{p.Name} + {p.Overlay}"),
                    p.Valid ? "yes" : p.Faults == 1 ? "1 fault" : $"{p.Faults} faults",
                    Joined(p.Lineage.Skip(1)),
                    Joined(p.Overlays),
                    Markup.Escape(p.Description ?? "-"),
                    Markup.Escape(p.File));
            }

            return table;
        });
        if (profiles.Exists(p => !p.Valid))
        {
            context.Output.Note("'stella telemetry profile validate' says what is wrong");
        }

        return CliExitCodes.Done;
    }

    private static ProfileSummary Summary(CliHost host, FoundProfile found, string? overlay)
    {
        var overlays = found.OverlaysOf(found.Name);
        var own = overlay is not null && overlays.Contains(overlay) ? overlay : null;
        var resolution = found.Resolve(host, own);
        return new ProfileSummary(
            found.Name, found.Shown(host), resolution.Profile is { Description.Length: > 0 } p ? p.Description : null, resolution.IsValid, resolution.Faults.Count, resolution.Lineage, overlays, own);
    }

    private static string Joined(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } text ? Markup.Escape(text) : "-";
}
