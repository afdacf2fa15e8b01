namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>What a receiver remembers of the deployments it accepted, so that none comes back.</summary>
/// <param name="Counter">Of the last one; 0 before the first.</param>
/// <param name="Digest">Lower-case hex of the SHA-256 of its signed payload; empty before the first.</param>
/// <param name="IssuedAt">When it was issued.</param>
/// <param name="Floors">The highest floor ever seen, by the profile's name.</param>
public sealed record DeploymentMemory(long Counter, string Digest, DateTimeOffset IssuedAt, IReadOnlyDictionary<string, long> Floors)
{
    /// <summary>Of a receiver that accepted none.</summary>
    public static DeploymentMemory None { get; } = new(0, "", DateTimeOffset.UnixEpoch, new Dictionary<string, long>());
}
