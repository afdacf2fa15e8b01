using System.CommandLine;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Cli.Tokens;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Tokens;

internal sealed class TokenCommand : StellaCommand
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);
    private readonly Option<string[]> _scopes = new("--scope") { Description = "A scope; give it again for more.", HelpName = "SCOPE" };
    private readonly Option<string?> _role = new("--role") { Description = "All scopes of a role.", HelpName = string.Join('|', KnownScopes.Roles.Keys.Order()) };
    private readonly Option<string> _tenant = new("--tenant") { Description = "The tenant it is good for, or '*' for all.", DefaultValueFactory = _ => "*", HelpName = "TENANT" };
    private readonly Option<string> _ttl = new("--ttl") { Description = "How long it is good.", DefaultValueFactory = _ => "1h", HelpName = "DURATION" };
    private readonly Option<string> _subject = new("--subject") { Description = "Who it names; stands in the audit trail.", DefaultValueFactory = _ => "developer", HelpName = "NAME" };

    public TokenCommand(CliHost host)
        : base(host, "token", "Mints a token of the development issuer: the key that the stack made in .stella/keys.")
    {
        foreach (var option in (Option[])[_scopes, _role, _tenant, _ttl, _subject])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry token --role responder --tenant acme",
        "export STELLA_TOKEN=$(stella telemetry token --scope replay:write --scope telemetry:write --tenant sealed --ttl 10m)",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var scopes = new SortedSet<string>(arguments.GetValue(_scopes) ?? [], StringComparer.Ordinal);
        if (arguments.GetValue(_role) is { } role)
        {
            scopes.UnionWith(KnownScopes.Roles.TryGetValue(role, out var ofRole)
                ? ofRole
                : throw CliException.Usage($"--role: there is no '{role}'", "the roles are " + string.Join(", ", KnownScopes.Roles.Keys.Order())));
        }

        if (scopes.Count == 0)
        {
            throw CliException.Usage("a token without a scope is good for nothing", "name --scope or --role");
        }

        if (scopes.FirstOrDefault(s => !KnownScopes.All.Contains(s)) is { } unknown)
        {
            throw CliException.Usage($"--scope: there is no '{unknown}'", "the scopes are " + string.Join(", ", KnownScopes.All));
        }

        var tenant = arguments.GetRequiredValue(_tenant);
        if (tenant != "*" && !TenantId.TryParse(tenant, out _))
        {
            throw CliException.Usage($"--tenant: '{tenant}' is not a tenant name, nor '*'");
        }

        if (tenant == "*" && scopes.Contains(KnownScopes.TelemetryWrite))
        {
            throw CliException.Usage($"a token with {KnownScopes.TelemetryWrite} is good for exactly one tenant", "name it with --tenant");
        }

        var ttl = Duration.Parse(arguments.GetRequiredValue(_ttl), "--ttl");
        if (ttl > s_longest)
        {
            throw CliException.Usage($"--ttl: a development token is good for at most {s_longest.TotalDays:0} days");
        }

        var state = context.Services.FindStateDirectory() ?? throw new CliException(
            CliExitCodes.NotAllowed, "no .stella folder with the development issuer's key was found", "start the stack (./run.sh), or pass --state");
        var token = DevTokenIssuer.Mint(DevTokenIssuer.KeyPath(state), arguments.GetRequiredValue(_subject), scopes, tenant, ttl, context.Host.Time);
        var answer = new TokenAnswer(token, context.Host.Time.GetUtcNow() + ttl, [.. scopes], tenant);
        if (context.Output.Format == Output.OutputFormat.Table)
        {
            // Alone on its line: it is put into a variable.
            context.Host.Out.WriteLine(token);
        }
        else
        {
            context.Output.Print(answer, CliJson.Default.TokenAnswer, _ => throw new InvalidOperationException());
        }

        return Task.FromResult(CliExitCodes.Done);
    }
}

/// <summary>What <c>token --output json</c> prints.</summary>
internal sealed record TokenAnswer(string Token, DateTimeOffset ExpiresAt, IReadOnlyList<string> Scopes, string Tenant);
