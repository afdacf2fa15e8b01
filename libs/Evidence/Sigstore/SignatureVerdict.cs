using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>Whose signature it is.</summary>
public enum SignatureState
{
    /// <summary>Somebody's who was named.</summary>
    Trusted,

    /// <summary>It claims to be somebody's who was not named, so that nobody can say whether it is.</summary>
    Unknown,

    /// <summary>Not by whom it says, or by nobody.</summary>
    Bad,
}

/// <summary>What a signature proves.</summary>
/// <param name="Signer">By whom it is, or what is wrong.</param>
/// <param name="Key">The key that it verifies with; null unless <see cref="SignatureState.Trusted"/>.</param>
/// <param name="Time">When it was there at the latest, by a trusted authority; null without one.</param>
/// <param name="TimeDetail">What the time rests on, or what is wrong with it.</param>
/// <param name="IsTimeGood">Whether every timestamp that could be judged is good.</param>
/// <param name="PeriodDetail">When the signer counts.</param>
/// <param name="IsInPeriod">Whether it was made when the signer counts.</param>
public sealed record SignatureVerdict(
    SignatureState State, string Signer, VerificationKey? Key, DateTimeOffset? Time, string TimeDetail, bool IsTimeGood, string PeriodDetail, bool IsInPeriod)
{
    /// <summary>Whether it counts.</summary>
    public bool Ok => State == SignatureState.Trusted && IsTimeGood && IsInPeriod;

    /// <summary>The first thing that is wrong; empty when it counts.</summary>
    public string Fault => State != SignatureState.Trusted ? Signer : !IsTimeGood ? TimeDetail : IsInPeriod ? "" : PeriodDetail;
}
