namespace StellaOps.Telemetry.ProfileService.Deployments;

/// <summary>A deployment as it stands in the database: not judged.</summary>
internal sealed record DeploymentRow(
    long Counter,
    string Profile,
    long Version,
    string RolloutId,
    long Floor,
    DateTime IssuedAt,
    byte[] Deployment,
    int Approvals,
    byte[]? Override,
    string GatewayHash,
    byte[]? Collector,
    string? CollectorHash)
{
    public const string Columns =
        """
        counter AS Counter, profile AS Profile, version AS Version, rollout_id AS RolloutId, floor AS Floor, issued_at AS IssuedAt, deployment AS Deployment,
        approvals AS Approvals, override AS Override, gateway_hash AS GatewayHash, collector AS Collector, collector_hash AS CollectorHash
        """;
}
