using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.ProfileService.Trust;
using StellaOps.Telemetry.ProfileService.Versions;

namespace StellaOps.Telemetry.ProfileService.Deployments;

/// <summary>
/// Deployments as agents are offered them. Whatever leaves the database is judged as a receiver judges it, and must have the hash that it was
/// issued with; what does not is not offered to anybody. When the trust file changes, all are judged anew.
/// </summary>
internal sealed partial class DeploymentCatalog(
    NpgsqlDataSource dataSource, VersionStore versions, TrustState trust, TimeProvider time, ILogger<DeploymentCatalog> logger) : IDisposable
{
    private const int MaxKept = 32;

    /// <summary>How long what was judged and found wrong is not judged again, whoever asks.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(10);

    // A fleet that comes back at once asks for the same deployment: one loads it, the others wait.
    private readonly SemaphoreSlim _loading = new(1, 1);

    private readonly ByTrust<Judged> _judged = new(trust, model => new Judged(model));

    /// <summary>Null: it is not loaded, or is none.</summary>
    public DeploymentOffer? FindLoaded(long counter) => _judged.Current.Offers.GetValueOrDefault(counter);

    /// <summary>The deployment of a counter that the database names.</summary>
    /// <exception cref="StoredBytesException">The database does not hold what was signed.</exception>
    public async Task<DeploymentOffer> GetAsync(long counter, CancellationToken cancellationToken)
    {
        if (FindLoaded(counter) is { } loaded)
        {
            return loaded;
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            var known = _judged.Current;
            return known.Offers.TryGetValue(counter, out var offer) ? offer : await LoadOrRefuseAsync(known, counter, cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();

    private async Task<DeploymentOffer> LoadOrRefuseAsync(Judged known, long counter, CancellationToken cancellationToken)
    {
        if (known.Faults.TryGetValue(counter, out var fault) && time.GetElapsedTime(fault.At) < s_again)
        {
            throw fault.Fault;
        }

        try
        {
            return Keep(known.Offers, counter, await LoadAsync(known.Trust, counter, cancellationToken));
        }
        catch (StoredBytesException e)
        {
            Log.NotServed(logger, counter, e.Message);
            Keep(known.Faults, counter, (e, time.GetTimestamp()));
            throw;
        }
    }

    private async Task<DeploymentOffer> LoadAsync(TrustModel model, long counter, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleAsync<DeploymentRow>(new CommandDefinition(
            $"SELECT {DeploymentRow.Columns} FROM profile.deployments WHERE counter = @counter", new { counter }, cancellationToken: cancellationToken));
        var version = await versions.FindAsync(connection, null, row.Profile, row.Version, cancellationToken);
        return Judge(model, row, version!);
    }

    private static T Keep<T>(ConcurrentDictionary<long, T> kept, long counter, T value)
    {
        if (kept.Count >= MaxKept)
        {
            kept.Clear();
        }

        return kept[counter] = value;
    }

    private static DeploymentOffer Judge(TrustModel model, DeploymentRow row, StoredVersion version)
    {
        var package = DeploymentIssuer.PackageOf(version, row.Approvals, row.Override, row.Deployment);
        switch (model.Deployments.Judge(package, DeploymentMemory.None))
        {
            case DeploymentJudgement.Refused refused:
                throw new StoredBytesException($"deployment {row.Counter}", refused);
            case DeploymentJudgement.Accepted accepted when accepted.Deployment.Counter != row.Counter:
                throw Changed(row, $"the row holds deployment {accepted.Deployment.Counter}");
        }

        return new DeploymentOffer(row.Counter, Checked(row, DeploymentOffer.Of(package), row.GatewayHash), CollectorOf(model, row));
    }

    private static AgentRemoteConfig? CollectorOf(TrustModel model, DeploymentRow row)
    {
        if (row.Collector is null)
        {
            return null;
        }

        return CollectorConfig.TryOpen(row.Collector, model.Store, row.Counter, row.Profile, row.Version, out var config)
            ? Checked(row, DeploymentOffer.Of(config.Span), row.CollectorHash)
            : throw Changed(row, "the Collectors' configuration is not the one that this service sealed");
    }

    private static AgentRemoteConfig Checked(DeploymentRow row, AgentRemoteConfig offer, string? hash) => DeploymentOffer.HexOf(offer.ConfigHash) == hash
        ? offer
        : throw Changed(row, $"its files have the hash {DeploymentOffer.HexOf(offer.ConfigHash)}, the row says {hash}");

    private static StoredBytesException Changed(DeploymentRow row, string what) =>
        new($"deployment {row.Counter}", new DeploymentJudgement.Refused(DeploymentRefusal.DigestMismatch, what));

    /// <summary>What was judged by one trust file.</summary>
    private sealed class Judged(TrustModel model)
    {
        public TrustModel Trust { get; } = model;

        // Immutable once made; bounded by MaxKept.
        public ConcurrentDictionary<long, DeploymentOffer> Offers { get; } = [];

        // Bounded by MaxKept.
        public ConcurrentDictionary<long, (StoredBytesException Fault, long At)> Faults { get; } = [];
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DeploymentNotServed, LogLevel.Critical, "Deployment {Counter} is offered to nobody, the database does not hold what was signed: {Reason}")]
        public static partial void NotServed(ILogger logger, long counter, string reason);
    }
}
