using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Clients;

public sealed partial class ProfileClient
{
    /// <summary>A page of the profiles that have a version.</summary>
    public Task<Page<ProfileResponse>> ListProfilesAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery("api/v1/profiles", ("cursor", cursor)), ContractsJson.Default.PageProfileResponse, cancellationToken);

    /// <summary>A page of a profile's versions, newest first.</summary>
    public Task<Page<ProfileVersionResponse>> ListVersionsAsync(string profile, string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery($"api/v1/profiles/{Segment(profile)}/versions", ("cursor", cursor)), ContractsJson.Default.PageProfileVersionResponse, cancellationToken);

    /// <summary>One version.</summary>
    /// <exception cref="ApiException">404: there is none.</exception>
    public Task<ProfileVersionResponse> GetVersionAsync(string profile, long version, CancellationToken cancellationToken) =>
        GetAsync(VersionPath(profile, version), ContractsJson.Default.ProfileVersionResponse, cancellationToken);

    /// <summary>Copies a version's source closure: canonical JSON, at most 4 MiB.</summary>
    public Task DownloadClosureAsync(string profile, long version, Stream target, CancellationToken cancellationToken) =>
        DownloadAsync($"{VersionPath(profile, version)}/closure", target, cancellationToken);

    /// <summary>Copies the author's Sigstore bundle of a version.</summary>
    public Task DownloadAuthorAsync(string profile, long version, Stream target, CancellationToken cancellationToken) =>
        DownloadAsync($"{VersionPath(profile, version)}/author", target, cancellationToken);

    /// <summary>Copies the Sigstore bundle of an approval.</summary>
    /// <param name="number">From 1.</param>
    public Task DownloadApprovalAsync(string profile, long version, int number, Stream target, CancellationToken cancellationToken) =>
        DownloadAsync($"{VersionPath(profile, version)}/approvals/{number.ToString(CultureInfo.InvariantCulture)}", target, cancellationToken);

    /// <summary>Stores a signed version.</summary>
    /// <exception cref="ApiException">409: its version is not the next one.</exception>
    public Task<ProfileVersionResponse> PublishAsync(string profile, PublishProfileRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync(
            $"api/v1/profiles/{Segment(profile)}/versions",
            request,
            ContractsJson.Default.PublishProfileRequest,
            ContractsJson.Default.ProfileVersionResponse,
            idempotencyKey,
            cancellationToken);

    /// <summary>Stores a signed approval of a version.</summary>
    public Task<ProfileVersionResponse> ApproveAsync(string profile, long version, ApproveProfileRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync(
            $"{VersionPath(profile, version)}/approvals",
            request,
            ContractsJson.Default.ApproveProfileRequest,
            ContractsJson.Default.ProfileVersionResponse,
            idempotencyKey,
            cancellationToken);

    /// <summary>Starts a rollout.</summary>
    public Task<RolloutResponse> StartRolloutAsync(StartRolloutRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync("api/v1/rollouts", request, ContractsJson.Default.StartRolloutRequest, ContractsJson.Default.RolloutResponse, idempotencyKey, cancellationToken);

    /// <summary>A page of rollouts, newest first.</summary>
    public Task<Page<RolloutResponse>> ListRolloutsAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery("api/v1/rollouts", ("cursor", cursor)), ContractsJson.Default.PageRolloutResponse, cancellationToken);

    /// <summary>One rollout with its timeline.</summary>
    public Task<RolloutResponse> GetRolloutAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"api/v1/rollouts/{Segment(id)}", ContractsJson.Default.RolloutResponse, cancellationToken);

    /// <summary>A page of a rollout's agents, by batch.</summary>
    public Task<Page<RolloutAgentResponse>> ListRolloutAgentsAsync(string id, string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery($"api/v1/rollouts/{Segment(id)}/agents", ("cursor", cursor)), ContractsJson.Default.PageRolloutAgentResponse, cancellationToken);

    /// <summary>Offers nothing more until it is resumed.</summary>
    public Task<RolloutResponse> PauseRolloutAsync(string id, ChangeRolloutRequest request, CancellationToken cancellationToken) => ChangeAsync(id, "pause", request, cancellationToken);

    /// <summary>Goes on with a paused rollout.</summary>
    public Task<RolloutResponse> ResumeRolloutAsync(string id, ChangeRolloutRequest request, CancellationToken cancellationToken) => ChangeAsync(id, "resume", request, cancellationToken);

    /// <summary>Gives every agent that was touched what it ran before.</summary>
    public Task<RolloutResponse> RollBackAsync(string id, ChangeRolloutRequest request, CancellationToken cancellationToken) => ChangeAsync(id, "rollback", request, cancellationToken);

    /// <summary>The fleet in numbers.</summary>
    public Task<FleetResponse> GetFleetAsync(CancellationToken cancellationToken) => GetAsync("api/v1/fleet", ContractsJson.Default.FleetResponse, cancellationToken);

    /// <summary>A page of the fleet's agents.</summary>
    public Task<Page<AgentResponse>> ListAgentsAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery("api/v1/agents", ("cursor", cursor)), ContractsJson.Default.PageAgentResponse, cancellationToken);

    /// <summary>One agent.</summary>
    public Task<AgentResponse> GetAgentAsync(string uid, CancellationToken cancellationToken) =>
        GetAsync($"api/v1/agents/{Segment(uid)}", ContractsJson.Default.AgentResponse, cancellationToken);

    private Task<RolloutResponse> ChangeAsync(string id, string step, ChangeRolloutRequest request, CancellationToken cancellationToken) =>
        PostAsync(
            $"api/v1/rollouts/{Segment(id)}/{step}", request, ContractsJson.Default.ChangeRolloutRequest, ContractsJson.Default.RolloutResponse, null, cancellationToken);

    private static string VersionPath(string profile, long version) =>
        $"api/v1/profiles/{Segment(profile)}/versions/{version.ToString(CultureInfo.InvariantCulture)}";
}
