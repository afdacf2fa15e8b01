using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Tests.Shared.Auth;

/// <summary>A development issuer of the tests' own: a key, its JWKS file and tokens.</summary>
public sealed class DevIssuer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-issuer-");
    private ECDsa _key;
    private string _keyId;

    public DevIssuer()
    {
        (_key, _keyId) = NewKey();
        WriteJwks();
    }

    /// <summary>What goes into <c>Stella__Auth__JwksFile</c>.</summary>
    public string JwksFile => Path.Combine(_folder.FullName, "jwks.json");

    /// <summary>A token good for an hour.</summary>
    /// <param name="tenant">One tenant, or <c>*</c>.</param>
    public string Mint(string subject, string tenant, params string[] scopes) =>
        Mint(subject, tenant, TimeSpan.FromHours(1), KnownIssuers.Development, KnownIssuers.Audience, scopes);

    /// <summary>A token with everything said; a negative lifetime makes an expired one.</summary>
    public string Mint(string subject, string? tenant, TimeSpan lifetime, string issuer, string audience, params string[] scopes)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object> { ["sub"] = subject, ["scope"] = string.Join(' ', scopes) };
        if (tenant is not null)
        {
            claims["tenant"] = tenant;
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Claims = claims,
            IssuedAt = now + lifetime - TimeSpan.FromHours(1),
            Expires = now + lifetime,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(_key) { KeyId = _keyId }, SecurityAlgorithms.EcdsaSha256),
        });
    }

    /// <summary>Replaces the key, and the file in place: earlier tokens are no longer good.</summary>
    public void Rotate()
    {
        _key.Dispose();
        (_key, _keyId) = NewKey();
        WriteJwks();
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private static (ECDsa Key, string KeyId) NewKey()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (key, Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())));
    }

    private void WriteJwks()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var json = JsonSerializer.Serialize(new
        {
            keys = new[]
            {
                new { kty = "EC", crv = "P-256", alg = "ES256", use = "sig", kid = _keyId, x = Base64UrlEncoder.Encode(point.X!), y = Base64UrlEncoder.Encode(point.Y!) },
            },
        });
        var next = JwksFile + ".next";
        File.WriteAllText(next, json, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(next, JwksFile, overwrite: true);
    }
}
