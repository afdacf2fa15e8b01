using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.AppHost.Local.Bootstrap;

/// <summary>Tokens and key set of the issuer <see cref="KnownIssuers.Development"/>: ES256, RFC 7515, 7517 and 7519.</summary>
internal static class DevelopmentToken
{
    /// <summary>Mints a token for any tenant.</summary>
    public static string Mint(ECDsa issuer, string keyId, string subject, IEnumerable<string> scopes, DateTimeOffset now, TimeSpan lifetime)
    {
        var header = new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = keyId };
        var claims = new JsonObject
        {
            ["iss"] = KnownIssuers.Development,
            ["aud"] = KnownIssuers.Audience,
            ["sub"] = subject,
            ["scope"] = string.Join(' ', scopes),
            ["tenant"] = "*",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
        };
        var signed = $"{Part(header)}.{Part(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(issuer.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    /// <summary>The public half, as services read it.</summary>
    public static byte[] Jwks(ECDsa issuer, string keyId)
    {
        var point = issuer.ExportParameters(includePrivateParameters: false).Q;
        var key = new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["alg"] = "ES256",
            ["use"] = "sig",
            ["kid"] = keyId,
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["keys"] = new JsonArray(key) });
    }

    private static string Part(JsonObject json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));
}
