using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>Signed versions and their approvals in PostgreSQL. What is read is judged again before anybody sees it.</summary>
internal sealed class VersionStore(
    NpgsqlDataSource dataSource, StoredVersions stored, AuditLog audit, Idempotency idempotency, TimeProvider time, ILogger<VersionStore> logger)
{
    public async Task<(PublishOutcome Outcome, StoredVersion? Version, long Latest)> PublishAsync(
        JudgedVersion judged, PublishProfileRequest request, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (profile, version) = (judged.Closure.Profile, judged.Closure.Version);
        var hash = Idempotency.HashOf($"profiles/{profile}/versions", request, ContractsJson.Default.PublishProfileRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, VersionTarget.Of(profile, version), cancellationToken);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return (PublishOutcome.KeyReused, null, 0);
        }

        if (claim.Outcome == IdempotencyOutcome.Repeat)
        {
            return (PublishOutcome.Published, await FindAsync(connection, transaction, profile, version, cancellationToken), version);
        }

        var made = await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO profile.versions (profile, version, closure, author, published_by, published_at)
            SELECT @profile, @version, @Closure, @Author, @actor, @At
            WHERE @version = 1 + (SELECT coalesce(max(version), 0) FROM profile.versions WHERE profile = @profile)
            ON CONFLICT DO NOTHING
            """,
            new { profile, version, request.Closure, request.Author, actor, At = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        if (made == 0)
        {
            var latest = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT coalesce(max(version), 0) FROM profile.versions WHERE profile = @profile", new { profile }, transaction, cancellationToken: cancellationToken));
            return (PublishOutcome.NotNext, null, latest);
        }

        var published = await FindAsync(connection, transaction, profile, version, cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(actor, "profile.publish", null, VersionTarget.Of(profile, version), AuditDetail.Of(judged)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (PublishOutcome.Published, published, version);
    }

    public async Task<(ApproveOutcome Outcome, StoredVersion? Version)> ApproveAsync(
        StoredVersion version, JudgedApproval judged, ApproveProfileRequest request, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (profile, number) = (version.Row.Profile, version.Row.Version);
        var target = VersionTarget.Of(profile, number);
        var hash = Idempotency.HashOf($"profiles/{target}/approvals", request, ContractsJson.Default.ApproveProfileRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, target, cancellationToken);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return (ApproveOutcome.KeyReused, null);
        }

        if (claim.Outcome == IdempotencyOutcome.Repeat)
        {
            return (ApproveOutcome.Approved, await FindAsync(connection, transaction, profile, number, cancellationToken));
        }

        // Two approvals at once take turns here, or both would get the same number.
        await connection.ExecuteAsync(new CommandDefinition(
            "SELECT 1 FROM profile.versions WHERE profile = @profile AND version = @number FOR UPDATE", new { profile, number }, transaction, cancellationToken: cancellationToken));
        var before = await FindAsync(connection, transaction, profile, number, cancellationToken);
        if (before!.Approvals.Any(a => a.Judged.Person.Equals(judged.Person, StringComparison.OrdinalIgnoreCase)))
        {
            return (ApproveOutcome.ApprovedBefore, before);
        }

        // One is left for whoever may have to break the glass.
        if (before.Statements.Count >= VersionRules.MaxApprovals)
        {
            return (ApproveOutcome.TooMany, before);
        }

        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO profile.approvals (profile, version, number, approval, uploaded_by, uploaded_at)
            VALUES (@profile, @number, 1 + (SELECT count(*) FROM profile.approvals WHERE profile = @profile AND version = @number), @Approval, @actor, @At)
            """,
            new { profile, number, request.Approval, actor, At = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        var approved = await FindAsync(connection, transaction, profile, number, cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(actor, "profile.approve", null, target, AuditDetail.Of(judged)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (ApproveOutcome.Approved, approved);
    }

    /// <summary>Null: there is no such version.</summary>
    /// <param name="version">Null: the latest.</param>
    public async Task<StoredVersion?> FindAsync(string profile, long? version, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, null, profile, version, cancellationToken);
    }

    /// <inheritdoc cref="FindAsync(string, long?, CancellationToken)"/>
    public async Task<StoredVersion?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, string profile, long? version, CancellationToken cancellationToken)
    {
        var row = await connection.QuerySingleOrDefaultAsync<VersionRow>(new CommandDefinition(
            $"SELECT {VersionRow.Columns} FROM profile.versions WHERE profile = @profile AND (@version::bigint IS NULL OR version = @version) ORDER BY version DESC LIMIT 1",
            new { profile, version },
            transaction,
            cancellationToken: cancellationToken));
        return row is null ? null : (await JudgeAsync(connection, transaction, [row], cancellationToken))[0];
    }

    /// <summary>A profile's versions, newest first.</summary>
    public async Task<Page<ProfileVersionResponse>> ListVersionsAsync(string profile, long? before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<VersionRow>(new CommandDefinition(
            $"SELECT {VersionRow.Columns} FROM profile.versions WHERE profile = @profile AND (@before::bigint IS NULL OR version < @before) ORDER BY version DESC LIMIT @Limit",
            new { profile, before, Limit = limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        var shown = await JudgeAsync(connection, null, [.. rows.Take(limit)], cancellationToken);
        return new Page<ProfileVersionResponse>(
            [.. shown.Select(v => v.ToResponse())],
            rows.Count > limit ? rows[limit - 1].Version.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    /// <summary>Every profile by its latest version. One that does not pass its judgement is named with the reason, and hides no other.</summary>
    public async Task<Page<ProfileResponse>> ListProfilesAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<VersionRow>(new CommandDefinition(
            $"SELECT DISTINCT ON (profile) {VersionRow.Columns} FROM profile.versions WHERE profile > @After ORDER BY profile, version DESC LIMIT @Limit",
            new { After = after ?? "", Limit = limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        VersionRow[] shown = [.. rows.Take(limit)];
        var approvals = await ApprovalsAsync(connection, null, shown, cancellationToken);
        var deployed = (await connection.QueryAsync<(string Profile, long Version, long Counter, long Floor)>(new CommandDefinition(
            """
            SELECT DISTINCT ON (d.profile) d.profile, d.version, d.counter, (SELECT max(floor) FROM profile.deployments f WHERE f.profile = d.profile)
            FROM profile.deployments d WHERE d.profile = ANY (@names) ORDER BY d.profile, d.counter DESC
            """,
            new { names = shown.Select(v => v.Profile).ToArray() },
            cancellationToken: cancellationToken))).ToDictionary(d => d.Profile);
        var profiles = shown.Select(row =>
        {
            var listed = Listed(row, [.. approvals[(row.Profile, row.Version)]]);
            return deployed.TryGetValue(row.Profile, out var d) ? listed with { DeployedVersion = d.Version, DeployedCounter = d.Counter, Floor = d.Floor } : listed;
        });
        return new Page<ProfileResponse>([.. profiles], rows.Count > limit ? rows[limit - 1].Profile : null);
    }

    private ProfileResponse Listed(VersionRow row, IReadOnlyList<ApprovalRow> approvals)
    {
        try
        {
            return new ProfileResponse(row.Profile, row.Version, stored.Judge(row, approvals).Count.IsEnough, null, null, 0);
        }
        catch (StoredBytesException e)
        {
            StoredBytesLog.Tell(logger, e);
            return new ProfileResponse(
                row.Profile,
                row.Version,
                Approved: false,
                null,
                null,
                0,
                e.IsTampering ? KnownProfileProblems.Tampered : KnownProfileProblems.Untrusted,
                $"{e.Message}; {e.Mend}");
        }
    }

    private async Task<IReadOnlyList<StoredVersion>> JudgeAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, IReadOnlyList<VersionRow> rows, CancellationToken cancellationToken)
    {
        var approvals = await ApprovalsAsync(connection, transaction, rows, cancellationToken);
        return [.. rows.Select(r => stored.Judge(r, [.. approvals[(r.Profile, r.Version)]]))];
    }

    private static async Task<ILookup<(string Profile, long Version), ApprovalRow>> ApprovalsAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, IReadOnlyList<VersionRow> rows, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<ApprovalRow>(new CommandDefinition(
            $"""
            SELECT {ApprovalRow.Columns} FROM profile.approvals
            WHERE (profile, version) IN (SELECT unnest(@profiles), unnest(@versions)) ORDER BY profile, version, number
            """,
            new { profiles = rows.Select(r => r.Profile).ToArray(), versions = rows.Select(r => r.Version).ToArray() },
            transaction,
            cancellationToken: cancellationToken))).ToLookup(a => (a.Profile, a.Version));
}
