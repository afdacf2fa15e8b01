using StellaOps.Telemetry.IngestGateway.Metrics;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <inheritdoc cref="IDeploymentReceiver"/>
internal sealed partial class DeploymentReceiver(
    GatewayConfiguration configuration,
    ProfileState state,
    DeploymentInstruments instruments,
    TimeProvider time,
    ILogger<DeploymentReceiver> logger) : IDeploymentReceiver, IHostedService, IDisposable
{
    private readonly DeploymentStore _store = new(configuration.Options.DataPath);
    private readonly SemaphoreSlim _turn = new(1);
    private DeploymentMemory _memory = configuration.Restored.Memory;

    public DeploymentInForce? InForce => state.Current.Deployment;

    public ProfileRefusal? LastRefusal => state.RefusedDeployment;

    /// <summary>Says what the disk had to say: it was judged before the listeners opened.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration.Restored.Refusal is { } refusal)
        {
            state.RefuseDeployment(refusal);
            instruments.OnRefused(refusal.Reason);
            LogLastUnusable(_memory.Counter, refusal.Reason, string.Join("; ", refusal.Faults), configuration.Profile.Settings.ProfileName);
        }

        if (InForce is { } deployment)
        {
            LogTaken(deployment);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask<DeploymentOutcome> ApplyAsync(DeploymentPackage package, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return Apply(package);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private DeploymentOutcome Apply(DeploymentPackage package)
    {
        var loaded = configuration.Deployments.Activate(package, _memory, out var reason, out var faults);
        if (loaded is null)
        {
            return Refuse(DeploymentResult.Refused, reason, faults);
        }

        if (configuration.FaultOfMoving(loaded) is { } moves)
        {
            return Refuse(DeploymentResult.Refused, ProfileRefusal.NeedsRestart, [$"{moves}: deploy a profile with those this gateway has, or override them in its environment"]);
        }

        var deployment = loaded.Model.Deployment!;
        try
        {
            faults = state.Deploy(loaded.Model, () => _store.Write(package, deployment.Judgement.Next));
            if (faults.Count > 0)
            {
                return Refuse(DeploymentResult.Refused, ProfileRefusal.NeedsRestart, faults);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(DeploymentResult.Failed, ProfileRefusal.NotStored, [$"cannot be written to '{configuration.Options.DataPath}': {e.Message}"]);
        }

        _memory = deployment.Judgement.Next;
        LogTaken(deployment);
        return DeploymentOutcome.Applied;
    }

    private DeploymentOutcome Refuse(DeploymentResult result, string reason, IReadOnlyList<string> faults)
    {
        var text = string.Join("; ", faults);
        state.RefuseDeployment(new ProfileRefusal(time.GetUtcNow(), reason, faults));
        instruments.OnRefused(reason);
        LogRefused(state.Current.Settings.ProfileName, state.Current.Settings.ProfileHash, reason, text);
        return new DeploymentOutcome(result, reason, text);
    }

    private void LogTaken(DeploymentInForce deployment)
    {
        var (judgement, said) = (deployment.Judgement, deployment.Judgement.Deployment);
        LogInForce(said.Profile, said.Version, said.Counter, said.Rollout, judgement.Author, judgement.Approvers.Count == 0 ? "nobody" : string.Join(", ", judgement.Approvers));
        if (judgement.BreakGlass is { } glass)
        {
            LogGlassBroken(glass.Person, said.Profile, said.Version, glass.Reason);
        }
    }

    [LoggerMessage(EventIds.DeploymentInForce, LogLevel.Information, "profile {Profile} version {Version} is in force by deployment {Counter} of rollout {Rollout}, written by {Author}, approved by {Approvers}")]
    private partial void LogInForce(string profile, long version, long counter, string rollout, string author, string approvers);

    [LoggerMessage(EventIds.DeploymentRefused, LogLevel.Error, "a deployment was refused, and profile {Profile} ({Hash}) stays in force: {Reason}: {Text}")]
    private partial void LogRefused(string profile, string hash, string reason, string text);

    [LoggerMessage(EventIds.GlassBroken, LogLevel.Critical, "{Person} broke the glass: profile {Profile} version {Version} is in force without the approvals, or below the floor, that this gateway asks for; reason: {Reason}")]
    private partial void LogGlassBroken(string person, string profile, long version, string reason);

    [LoggerMessage(EventIds.LastDeploymentUnusable, LogLevel.Critical, "the last good deployment ({Counter}) on this gateway's disk cannot be used: {Reason}: {Faults}; the machine's own profile {Profile} is in force until the next deployment comes")]
    private partial void LogLastUnusable(long counter, string reason, string faults, string profile);
}
