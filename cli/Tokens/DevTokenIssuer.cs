using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Tokens;

/// <summary>Mints tokens of the development issuer: the key pair that AppHost made in <c>.stella/keys</c>.</summary>
internal static class DevTokenIssuer
{
    /// <summary>The issuer's private key below the state folder.</summary>
    public static string KeyPath(string stateDirectory) => Path.Combine(stateDirectory, "keys", "issuer.key");

    /// <param name="tenant">One tenant, or <c>*</c>.</param>
    public static string Mint(string keyPath, string subject, IEnumerable<string> scopes, string tenant, TimeSpan lifetime, TimeProvider time)
    {
        using var ecdsa = Load(keyPath);
        var now = time.GetUtcNow();
        var key = new ECDsaSecurityKey(ecdsa) { KeyId = Convert.ToHexStringLower(SHA256.HashData(ecdsa.ExportSubjectPublicKeyInfo())) };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = KnownIssuers.Development,
            Audience = KnownIssuers.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime.AddSeconds(-5),
            Expires = (now + lifetime).UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                ["sub"] = subject,
                ["scope"] = string.Join(' ', scopes),
                ["tenant"] = tenant,
            },
            // Without this the provider would be cached with a key that is disposed below.
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
        });
    }

    private static ECDsa Load(string path)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(File.ReadAllText(path));
            return ecdsa;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            ecdsa.Dispose();
            throw new CliException(CliExitCodes.NotAllowed, $"cannot use the development issuer's key '{path}': {e.Message}",
                "run as the user who started the stack, or set STELLA_TOKEN", e);
        }
    }
}
