using System.Net;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

/// <summary>What an agent of the fleet should run, and what it runs: <c>agent:UID/desired</c>, <c>agent:UID/running</c>.</summary>
internal sealed class AgentProfileSource : IProfileSource
{
    private const string Prefix = "agent:";
    private const string Desired = "desired";
    private const string Running = "running";

    public async Task<ProfileResolution?> FindAsync(CommandContext context, string reference, ProfileReading reading, CancellationToken cancellationToken)
    {
        if (!reference.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        if (reference[Prefix.Length..].Split('/') is not [var uid, Desired or Running] || !Guid.TryParseExact(uid, "D", out _))
        {
            throw CliException.Usage(
                $"'{reference}' says not what of which agent", $"write {Prefix}UID/{Desired} or {Prefix}UID/{Running}; 'stella telemetry rollout show ID --agents' lists uids");
        }

        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead);
        var client = new ProfileClient(http);
        var agent = await FindAsync(client, uid, cancellationToken);
        var deployment = reference.EndsWith(Running, StringComparison.Ordinal) ? RunningOf(agent) : DesiredOf(agent);
        context.Output.Note($"{reference}: {deployment.Profile}@{deployment.Version}, deployment {deployment.Counter}");
        return await KeptVersion.ResolveAsync(client, deployment.Profile, deployment.Version, reading.Trust, cancellationToken);
    }

    private static async Task<AgentResponse> FindAsync(ProfileClient client, string uid, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAgentAsync(uid, cancellationToken);
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            throw new CliException(CliExitCodes.Failed, $"the profile service never heard of an agent {uid}", "'stella telemetry rollout show ID --agents' lists uids", e);
        }
    }

    private static AgentDeployment DesiredOf(AgentResponse agent) => agent.Desired ?? throw new CliException(
        CliExitCodes.Failed, $"agent {agent.Uid} is to run nothing of the profile service: no rollout brought it anything", "bring it a version: stella telemetry deploy PROFILE");

    private static AgentDeployment RunningOf(AgentResponse agent) => agent.Running ?? throw new CliException(
        CliExitCodes.Failed,
        agent.RunningHash is null
            ? $"agent {agent.Uid} runs a file of its own machine, which the profile service does not have"
            : $"agent {agent.Uid} runs {agent.RunningHash}, which is no deployment of this profile service",
        "compare with that file itself, or bring the agent a version: stella telemetry deploy PROFILE");
}
