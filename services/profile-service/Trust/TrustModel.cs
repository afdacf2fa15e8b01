using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Trust;

/// <summary>A trust file as it was read, with the judges that go by it: immutable, swapped whole when the file changes.</summary>
internal sealed class TrustModel(TrustStore store, string fingerprint)
{
    /// <summary>What is said of a file that cannot be read.</summary>
    public const string Unreadable = "";

    public TrustStore Store { get; } = store;

    /// <summary>Lower-case hex of the SHA-256 of the file.</summary>
    public string Fingerprint { get; } = fingerprint;

    public VersionJudge Versions { get; } = new(store, store.Profiles);

    public DeploymentJudge Deployments { get; } = new(store, store.Profiles);

    /// <summary>Reads and judges a trust file; false, and why, for what is none.</summary>
    public static bool TryLoad(string path, [NotNullWhen(true)] out TrustModel? model, out string why)
    {
        try
        {
            // The fingerprint first: a file that changes in between is another one at the next look.
            var fingerprint = FingerprintOf(path);
            (model, why) = (new TrustModel(TrustStore.Load(path), fingerprint), "");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            (model, why) = (null, e.Message);
            return false;
        }
    }

    public static string FingerprintOf(string path)
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Loading says what is wrong with it.
            return Unreadable;
        }
    }
}
