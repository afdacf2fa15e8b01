namespace StellaOps.Telemetry.Contracts.Profiles;

/// <summary>Values of <see cref="ProfileResponse.Problem"/>.</summary>
public static class KnownProfileProblems
{
    /// <summary>The database does not hold what was signed.</summary>
    public const string Tampered = "tampered";

    /// <summary>A key that signed it is not trusted any more.</summary>
    public const string Untrusted = "untrusted";
}
