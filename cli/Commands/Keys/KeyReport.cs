using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Keys;

/// <summary>What <c>keys show</c> prints of a key.</summary>
/// <param name="State">Whether it counts now.</param>
internal sealed record KeyReport(string Name, string KeyId, IReadOnlyList<string> Uses, string? Person, DateTimeOffset? ValidFrom, DateTimeOffset? ValidUntil, string State)
{
    public static KeyReport Of(TrustedKey key, DateTimeOffset now)
    {
        var period = TrustStore.ValidityOf(key);
        var state = period.Contains(now) ? "valid" : now < period.From ? "not yet" : "ended";
        return new KeyReport(key.Name, key.KeyId, key.Uses, key.Person, key.ValidFrom, key.ValidUntil, state);
    }
}

/// <summary>What <c>keys rotate</c> prints.</summary>
/// <param name="Old">The key that ends.</param>
/// <param name="New">The key in its place.</param>
internal sealed record KeyRotation(KeyReport Old, KeyReport New, string KeyFile, string OldKeyFile);
