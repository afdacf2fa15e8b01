using System.CommandLine;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileApproveCommand : StellaCommand
{
    private readonly Argument<string> _profile = new("profile") { Description = "The profile's name." };
    private readonly Option<long?> _version = new("--version") { Description = "The version. Default: the latest.", HelpName = "N" };
    private readonly Option<string> _key = PrivateKeys.Option("The approver's private key, which stays here:");
    private readonly Option<string?> _comment = new("--comment") { Description = "What is signed with it.", HelpName = "TEXT" };

    public ProfileApproveCommand(CliHost host)
        : base(host, "approve", "Signs that a version may be deployed. Whoever wrote it cannot.")
    {
        Arguments.Add(_profile);
        Options.Add(_version);
        Options.Add(_key);
        Options.Add(_comment);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile approve forensic --key approver.key",
        "stella telemetry profile approve forensic --version 7 --key approver.key --comment \"read the diff to 6\"",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var profile = context.Arguments.GetRequiredValue(_profile);
        using var key = PrivateKeys.Load(context.Host, context.Arguments.GetRequiredValue(_key));
        using var http = context.Connect(KnownServices.ProfileService, $"{KnownScopes.ProfilesRead} {KnownScopes.ProfilesApprove}");
        var client = new ProfileClient(http);
        var closure = await SignedClosure.FetchAsync(client, profile, context.Arguments.GetValue(_version), cancellationToken);
        var approval = new ProfileSigner(key).Approve(closure, context.Arguments.GetValue(_comment), context.Host.Time.GetUtcNow());
        var version = await client.ApproveAsync(profile, closure.Version, new ApproveProfileRequest(approval), Guid.NewGuid().ToString("n"), cancellationToken);
        context.Output.Print(version, ContractsJson.Default.ProfileVersionResponse, v => VersionTables.Of(v));
        return CliExitCodes.Done;
    }
}
