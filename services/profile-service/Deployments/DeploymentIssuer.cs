using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.ProfileService.Trust;
using StellaOps.Telemetry.ProfileService.Versions;
using StellaOps.Telemetry.ServiceDefaults.Identity;

namespace StellaOps.Telemetry.ProfileService.Deployments;

/// <summary>Makes deployments: takes the next counter, signs with the rollout key, judges the result as a receiver will, and stores it.</summary>
internal sealed class DeploymentIssuer(TrustState trust, IOptions<IdentityOptions> identity, TimeProvider time) : IDisposable
{
    private readonly SigningKey _key = SigningKey.Load(identity.Value.KeyFile!);

    /// <summary>
    /// Issues a deployment in the caller's transaction. Refused: nothing was stored, and the counter that was taken is left out, which is lawful.
    /// </summary>
    /// <param name="floor">The lowest version of this profile that may be deployed from now on; null: as it is.</param>
    /// <param name="override">A break-glass approval.</param>
    public async Task<IssuedDeployment> IssueAsync(
        NpgsqlTransaction transaction, StoredVersion version, string rolloutId, long? floor, string? reason, byte[]? @override, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;

        // The row's lock is held until the transaction ends: deployments take turns, and a lower counter never appears after a higher one.
        var counter = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "UPDATE profile.deployment_counter SET counter = counter + 1 RETURNING counter", transaction: transaction, cancellationToken: cancellationToken));
        var memory = await RememberAsync(transaction, counter, cancellationToken);
        var (profile, number) = (version.Row.Profile, version.Row.Version);
        var floorNow = Math.Max(floor ?? 0, memory.Floors.GetValueOrDefault(profile));
        var issuedAt = time.GetUtcNow();
        var deployment = new ProfileSigner(_key).Deploy(version.Judged.Closure, counter, floorNow, rolloutId, reason, issuedAt);
        var package = PackageOf(version, version.Statements.Count, @override, deployment);
        var judgement = trust.Current.Deployments.Judge(package, memory);
        if (judgement is DeploymentJudgement.Refused refused)
        {
            return new IssuedDeployment(counter, null, refused, null);
        }

        var collector = CollectorConfig.Render(version.Judged.Resolution, counter, profile, number);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO profile.deployments (counter, profile, version, rollout_id, floor, issued_at, deployment, approvals, override, gateway_hash, collector, collector_hash)
            VALUES (@counter, @profile, @number, @rolloutId, @floorNow, @issuedAt, @deployment, @Approvals, @override, @GatewayHash, @Collector, @CollectorHash)
            """,
            new
            {
                counter,
                profile,
                number,
                rolloutId,
                floorNow,
                issuedAt,
                deployment,
                Approvals = version.Statements.Count,
                @override,
                GatewayHash = DeploymentOffer.HexOf(DeploymentOffer.Of(package).ConfigHash),
                Collector = collector is null ? null : CollectorConfig.Seal(collector, _key),
                CollectorHash = collector is null ? null : DeploymentOffer.HexOf(DeploymentOffer.Of(collector).ConfigHash),
            },
            transaction,
            cancellationToken: cancellationToken));
        return new IssuedDeployment(counter, ((DeploymentJudgement.Accepted)judgement).BreakGlass, null, collector);
    }

    public void Dispose() => _key.Dispose();

    /// <summary>The package of a version with its first approvals, as many as it had when it was deployed.</summary>
    public static DeploymentPackage PackageOf(StoredVersion version, int approvals, byte[]? @override, byte[] deployment)
    {
        var statements = version.Statements.Take(approvals);
        return new DeploymentPackage(version.Row.Closure, version.Row.Author, [.. @override is null ? statements : statements.Append(@override)], deployment);
    }

    /// <summary>What a receiver remembers that took every deployment so far: the strictest there can be.</summary>
    private static async Task<DeploymentMemory> RememberAsync(NpgsqlTransaction transaction, long counter, CancellationToken cancellationToken)
    {
        var rows = await transaction.Connection!.QueryAsync<(string Profile, long Floor, DateTime IssuedAt)>(new CommandDefinition(
            "SELECT profile, max(floor), max(issued_at) FROM profile.deployments GROUP BY profile", transaction: transaction, cancellationToken: cancellationToken));
        var all = rows.AsList();
        return new DeploymentMemory(
            counter - 1,
            "",
            all.Count == 0 ? DateTimeOffset.UnixEpoch : new DateTimeOffset(all.Max(r => r.IssuedAt), TimeSpan.Zero),
            all.ToDictionary(r => r.Profile, r => r.Floor));
    }
}

/// <summary>What came of issuing.</summary>
/// <param name="BreakGlass">Whose override was needed; null: none.</param>
/// <param name="Refused">Why receivers would refuse it; null: it is stored.</param>
/// <param name="Collector">What stock Collectors get; null: nothing.</param>
internal sealed record IssuedDeployment(long Counter, BrokenGlass? BreakGlass, DeploymentJudgement.Refused? Refused, byte[]? Collector);
