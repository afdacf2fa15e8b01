using System.CommandLine;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.IngestKeys;

internal sealed class IngestKeyNewCommand : StellaCommand
{
    private readonly Option<TenantId> _tenant = CommandOptions.RequiredTenant();
    private readonly Option<string?> _description = new("--description") { Description = "What it is for.", HelpName = "TEXT" };
    private readonly Option<string?> _expires = new("--expires") { Description = "When it ends: " + TimePoint.Forms + ", +90d. Default: never.", HelpName = "TIME" };

    public IngestKeyNewCommand(CliHost host)
        : base(host, "new", "Makes a sender's credential. Its secret is shown once and stored hashed.")
    {
        Options.Add(_tenant);
        Options.Add(_description);
        Options.Add(_expires);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry ingest-key new --tenant acme --description checkout",
        "export OTEL_EXPORTER_OTLP_HEADERS=\"authorization=Bearer $(stella telemetry ingest-key new --tenant acme --output json | jq -r .secret)\"",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        DateTimeOffset? expires = context.Arguments.GetValue(_expires) is { } text ? TimePoint.Parse(text, "--expires", context.Host.Time) : null;
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.Admin);
        var request = new NewIngestKeyRequest(context.Arguments.GetValue(_description), expires);
        var key = await new ProfileClient(http).NewIngestKeyAsync(
            context.Arguments.GetRequiredValue(_tenant), request, Guid.NewGuid().ToString("n"), cancellationToken);
        context.Output.Print(key, ContractsJson.Default.NewIngestKeyResponse, k => OutputWriter.Properties(
            ("key", k.Key.KeyId),
            ("tenant", k.Key.Tenant.Value),
            ("expires", OutputWriter.Time(k.Key.ExpiresAt)),
            ("secret", k.Secret)));
        context.Output.Note("The secret is not shown again. Senders present it as: authorization=Bearer <secret>");
        return CliExitCodes.Done;
    }
}
