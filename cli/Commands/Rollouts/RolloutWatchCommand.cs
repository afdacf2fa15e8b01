using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

internal sealed class RolloutWatchCommand : StellaCommand
{
    private readonly Argument<string> _id = RolloutOptions.Id();

    public RolloutWatchCommand(CliHost host)
        : base(host, "watch", "Follows a rollout live. Ctrl-C leaves it running.")
    {
        Arguments.Add(_id);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry rollout watch rol-0192"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead);
        var client = new ProfileClient(http);
        var rollout = await client.GetRolloutAsync(context.Arguments.GetRequiredValue(_id), cancellationToken);
        return await new RolloutWatch(context, client).FollowAsync(rollout, cancellationToken);
    }
}
