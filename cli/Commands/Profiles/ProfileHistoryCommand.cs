using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileHistoryCommand : StellaCommand
{
    private readonly Argument<string> _profile = new("profile") { Description = "The profile's name." };

    public ProfileHistoryCommand(CliHost host)
        : base(host, "history", "Lists a profile's signed versions, newest first, with who approved them.")
    {
        Arguments.Add(_profile);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry profile history forensic", "stella telemetry profile history forensic --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var profile = context.Arguments.GetRequiredValue(_profile);
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead);
        var versions = await Paging.AllAsync(cursor => new ProfileClient(http).ListVersionsAsync(profile, cursor, cancellationToken));
        context.Output.Print(versions, ContractsJson.Default.PageProfileVersionResponse, v => VersionTables.Of(v.Items));
        return CliExitCodes.Done;
    }
}
