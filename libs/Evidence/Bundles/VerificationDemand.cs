using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>What a bundle must prove.</summary>
/// <param name="Trust">Who may have signed it.</param>
public sealed record VerificationDemand(SignerTrust Trust)
{
    /// <summary>How many different signers of those must have.</summary>
    public int Signers { get; init; } = 1;

    /// <summary>Whether each of those must have.</summary>
    public bool Everyone { get; init; }

    /// <summary>Whether each signature must bear a trusted time.</summary>
    public bool Time { get; init; }

    /// <summary>Now, for signatures without a trusted time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>One of these keys, whenever it signed.</summary>
    public static VerificationDemand OneOf(IEnumerable<VerificationKey> keys) => new(SignerTrust.Of(keys));

    /// <summary>How many signers must have signed.</summary>
    internal int Needed => Everyone ? Trust.Keys.Count + Trust.Identities.Count : Signers;
}
