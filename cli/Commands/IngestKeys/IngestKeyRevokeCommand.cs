using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.IngestKeys;

internal sealed class IngestKeyRevokeCommand : StellaCommand
{
    private readonly Argument<string> _key = new("key") { Description = "The key's id (12 hexadecimal digits), not its secret." };

    public IngestKeyRevokeCommand(CliHost host)
        : base(host, "revoke", "Revokes an ingest key for good; gateways follow within 2 seconds.")
    {
        Arguments.Add(_key);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry ingest-key revoke 0123456789ab"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.Admin);
        var key = await new ProfileClient(http).RevokeIngestKeyAsync(context.Arguments.GetRequiredValue(_key), cancellationToken);
        context.Output.Print(key, ContractsJson.Default.IngestKeyResponse, k => IngestKeyTables.Of(k));
        return CliExitCodes.Done;
    }
}
