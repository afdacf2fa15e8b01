using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.ProfileService.Versions;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Deployments;

/// <summary>
/// Deployments as agents are offered them. Whatever leaves the database is judged as a receiver judges it, and must have the hash that it was
/// issued with; what does not is not offered to anybody.
/// </summary>
internal sealed class DeploymentCatalog(NpgsqlDataSource dataSource, VersionStore versions, DeploymentJudge judge, TrustStore trust)
{
    private const int MaxKept = 32;

    // Immutable once made; bounded by MaxKept.
    private readonly ConcurrentDictionary<long, DeploymentOffer> _offers = [];

    /// <summary>Null: it is not loaded, or is none.</summary>
    public DeploymentOffer? FindLoaded(long counter) => _offers.GetValueOrDefault(counter);

    /// <summary>The deployment of a counter that the database names.</summary>
    /// <exception cref="StoredBytesException">The database does not hold what was signed.</exception>
    public async Task<DeploymentOffer> GetAsync(long counter, CancellationToken cancellationToken)
    {
        if (_offers.TryGetValue(counter, out var known))
        {
            return known;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleAsync<DeploymentRow>(new CommandDefinition(
            $"SELECT {DeploymentRow.Columns} FROM profile.deployments WHERE counter = @counter", new { counter }, cancellationToken: cancellationToken));
        var version = await versions.FindAsync(connection, null, row.Profile, row.Version, cancellationToken);
        var offer = Judge(row, version!);
        if (_offers.Count >= MaxKept)
        {
            _offers.Clear();
        }

        return _offers.GetOrAdd(counter, offer);
    }

    private DeploymentOffer Judge(DeploymentRow row, StoredVersion version)
    {
        var package = DeploymentIssuer.PackageOf(version, row.Approvals, row.Override, row.Deployment);
        switch (judge.Judge(package, DeploymentMemory.None))
        {
            case DeploymentJudgement.Refused refused:
                throw new StoredBytesException($"deployment {row.Counter}", refused);
            case DeploymentJudgement.Accepted accepted when accepted.Deployment.Counter != row.Counter:
                throw Changed(row, $"the row holds deployment {accepted.Deployment.Counter}");
        }

        return new DeploymentOffer(row.Counter, Checked(row, DeploymentOffer.Of(package), row.GatewayHash), CollectorOf(row));
    }

    private AgentRemoteConfig? CollectorOf(DeploymentRow row)
    {
        if (row.Collector is null)
        {
            return null;
        }

        return CollectorConfig.TryOpen(row.Collector, trust, row.Counter, row.Profile, row.Version, out var config)
            ? Checked(row, DeploymentOffer.Of(config.Span), row.CollectorHash)
            : throw Changed(row, "the Collectors' configuration is not the one that this service sealed");
    }

    private static AgentRemoteConfig Checked(DeploymentRow row, AgentRemoteConfig offer, string? hash) => DeploymentOffer.HexOf(offer.ConfigHash) == hash
        ? offer
        : throw Changed(row, $"its files have the hash {DeploymentOffer.HexOf(offer.ConfigHash)}, the row says {hash}");

    private static StoredBytesException Changed(DeploymentRow row, string what) =>
        new($"deployment {row.Counter}", new DeploymentJudgement.Refused(DeploymentRefusal.DigestMismatch, what));
}
