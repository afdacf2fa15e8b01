using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Isolation;

/// <summary>
/// Makes up senders that hold credentials of tenant <see cref="Own"/> and want to be tenant <see cref="Victim"/>, by every field that a
/// sender controls.
/// </summary>
internal sealed class Impostor(GatewayUnderTest gateway, TlsFolder files, Random random)
{
    public const string Own = "acme";
    public const string Victim = "globex";

    private static readonly string[] s_names =
    [
        "x-scope-orgid", "X-Scope-OrgID", "x-tenant-id", "x-tenant", "tenant", "tenant-id", "tenant-bin", "stella-tenant", "x-stella-tenant", "x-org-id", "x-forwarded-user",
        "x-forwarded-client-cert", "x-forwarded-host", "forwarded", "x-original-url", "x-rewrite-url", "x-http-method-override", "x-ssl-client-s-dn", "x-client-cert",
        "baggage", "traceparent", "tracestate", "cookie", "from", "via", "x-api-key", "x-auth-token", "proxy-authorization", "grpc-metadata-tenant", "stella-gateway-id",
    ];

    private static readonly string[] s_paths =
    [
        "/v1/traces", "/v1/traces", "/v1/traces", "/v1/traces?tenant=globex", "/v1/traces;tenant=globex", "/globex/v1/traces", "/v1/traces/", "//v1/traces", "/V1/TRACES",
        "/v1/traces%2f..%2fglobex", "/v1/%74races", "/v1/traces%00globex", "/v1/./traces", "/v1/globex/../traces", "/v1/traces/globex", "/api/v1/gateways/self",
    ];

    private static readonly string[] s_media =
    [
        "application/x-protobuf", "application/x-protobuf", "application/x-protobuf; tenant=globex", "application/x-protobuf; charset=\"globex\"", "APPLICATION/X-PROTOBUF",
        "application/json", "application/x-protobuf+globex", "multipart/mixed; boundary=globex", "application/grpc",
    ];

    private static readonly string[] s_hosts = ["127.0.0.1", "globex", "globex.example", "127.0.0.1:4317@globex", "globex:80"];

    /// <summary>
    /// What a bearer may present. Each is of <see cref="Own"/>, forged, or damaged: none is a good credential of the victim, but where the
    /// certificate is of another tenant.
    /// </summary>
    private readonly Func<Impostor, string?>[] _tokens =
    [
        _ => null, _ => null,
        i => gateway.Writer(Own), i => gateway.Writer(Own),
        i => i.OwnKey, i => i.OwnKey,
        i => gateway.Issuer.Mint("s", Victim, TimeSpan.FromMinutes(-1), KnownIssuers.Development, KnownIssuers.Audience, KnownScopes.TelemetryWrite),
        i => gateway.Issuer.Mint("s", Victim, TimeSpan.FromHours(1), "urn:other", KnownIssuers.Audience, KnownScopes.TelemetryWrite),
        i => gateway.Issuer.Mint("s", Victim, KnownScopes.TelemetryRead),
        i => gateway.Issuer.Mint("s", "*", KnownScopes.TelemetryWrite),
        i => gateway.Issuer.Mint("s", $"{Own},{Victim}", KnownScopes.TelemetryWrite),
        i => gateway.Issuer.Mint("s", $"{Own} {Victim}", KnownScopes.TelemetryWrite),
        i => gateway.Issuer.Mint("s", "GLOBEX", KnownScopes.TelemetryWrite),
        i => gateway.Issuer.Mint("s", "globe\u0445", KnownScopes.TelemetryWrite),
        i => gateway.Issuer.Mint("s", "globex\u200b", KnownScopes.TelemetryWrite),
        i => gateway.Issuer.Mint("s", "../globex", KnownScopes.TelemetryWrite),
        i => Unsigned(Victim),
        i => Spliced(gateway.Writer(Own), Victim),
        i => Mixed(i.VictimKeyId, i.OwnKey),
        i => i.OwnKey.ToUpperInvariant(),
        i => i.OwnKey + " " + i.VictimKeyId,
        i => i.OwnKey + "\u00a0",
    ];

    /// <summary>An ingest key of our own.</summary>
    public string OwnKey { get; } = gateway.Profiles.NewKey(Own);

    /// <summary>What is known of the victim's key: its name, which metrics and audit show.</summary>
    public string VictimKeyId { get; } = KeyIdOf(gateway.Profiles.NewKey(Victim));

    /// <summary>One attempt; whether it was accepted.</summary>
    public async Task<bool> TryAsync(byte[] body)
    {
        using var sender = new TlsSender(Certificate(), null);
        var headers = Headers();
        try
        {
            if (random.Next(2) == 0)
            {
                return await sender.CallAsync(gateway.GrpcUrl, body, headers) == 0;
            }

            return (int)await sender.PostAsync(new Uri(gateway.HttpUrl, Seldom(s_paths)), body, Seldom(s_media), headers) == 200;
        }
        catch (Exception e) when (e is HttpRequestException or FormatException or UriFormatException)
        {
            // The handshake or the client library refused: nothing arrived.
            return false;
        }
    }

    /// <summary>A request in whose every place the victim's name stands.</summary>
    public static byte[] Body(int number, Random random)
    {
        var keys = new[] { "tenant", "tenant.id", "stella.tenant", "X-Scope-OrgID", "service.namespace", "spiffe://test.example/tenant/globex", "telemetry.tenant" };
        var attribute = OtlpBytes.Attribute(1, keys[random.Next(keys.Length)], Victim);
        var mark = OtlpBytes.Attribute(1, "n", number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var span = OtlpBytes.Message(
            OtlpBytes.Field(1, Encoding.ASCII.GetBytes("globexglobexglob")), OtlpBytes.Field(2, Encoding.ASCII.GetBytes("globexgl")), OtlpBytes.Field(3, "tenant=globex"u8.ToArray()),
            OtlpBytes.Field(5, "globex"u8.ToArray()), OtlpBytes.Attribute(9, "tenant", Victim));
        var scope = OtlpBytes.Message(OtlpBytes.Field(1, OtlpBytes.Message(OtlpBytes.Field(1, "globex"u8.ToArray()), OtlpBytes.Attribute(3, "tenant", Victim))), OtlpBytes.Field(2, span));

        // Field 99 is in no schema: perhaps somebody's tenant.
        return OtlpBytes.Message(
            OtlpBytes.Field(1, OtlpBytes.Message(OtlpBytes.Field(1, OtlpBytes.Message(mark, attribute)), OtlpBytes.Field(2, scope))), OtlpBytes.Field(99, "globex"u8.ToArray()));
    }

    /// <summary>Certificates that the trusted authority signed: none, nameless, our own, and names that a careless reader takes for the victim's.</summary>
    private X509Certificate2? Certificate()
    {
        var own = $"spiffe://{TlsFolder.TrustDomain}/tenant/{Own}";
        var victim = $"spiffe://{TlsFolder.TrustDomain}/tenant/{Victim}";
        return random.Next(20) switch
        {
            0 or 1 or 2 or 3 => null,
            4 or 5 or 16 or 17 or 18 or 19 => files.Senders.Client(own),
            6 => files.Senders.Client(own + "/tenant/" + Victim),
            7 => files.Senders.Client(),
            8 => files.Senders.Client(own, victim),
            9 => files.Senders.Client(victim, own),
            10 => files.Senders.Client(own, own),
            11 => files.Senders.Client(Pick([
                victim + "/", victim + "?x", victim + "#x", victim + "//x", victim + "/../" + Own, victim + "/%2e%2e", victim.ToUpperInvariant(), " " + victim, victim + "\0",
                victim.Replace("test.example", "other.example", StringComparison.Ordinal), victim.Replace("test.example", "test.example:443", StringComparison.Ordinal),
                victim.Replace("spiffe:", "Spiffe:", StringComparison.Ordinal), victim.Replace("/tenant/", "/Tenant/", StringComparison.Ordinal), "spiffe://test.example/x" + "/tenant/globex",
            ])),
            12 => files.Senders.Client("https://test.example/tenant/globex"),
            13 => files.Servers.Client(victim),
            14 => files.Senders.ServerOnly(victim),
            _ => files.Senders.Client(TimeSpan.FromMinutes(-1), victim),
        };
    }

    private (string Key, string Value)[] Headers()
    {
        var headers = new List<(string, string)>();
        var token = Pick(_tokens)(this);
        if (token is not null)
        {
            headers.Add((Pick(["authorization", "Authorization"]), Pick(["Bearer ", "bearer ", "BEARER  "]) + token));
        }

        if (random.Next(10) == 0)
        {
            headers.Add(("authorization", Pick(["Bearer " + VictimKeyId, "Basic Z2xvYmV4Og==", "globex", "Bearer " + gateway.Writer(Own)])));
        }

        if (random.Next(10) == 0)
        {
            headers.Add((KnownHeaders.Replay, Pick(["globex/0", "r1/0;tenant=globex", "", "\u00e9"])));
        }

        if (random.Next(3) == 0)
        {
            headers.Add(("host", Pick(s_hosts)));
        }

        for (var i = random.Next(4); i > 0; i--)
        {
            headers.Add((Pick(s_names), Pick([Victim, "tenant=globex", "spiffe://test.example/tenant/globex", "GLOBEX", "acme, globex", "Z2xvYmV4", "for=globex;host=globex"])));
        }

        return [.. headers];
    }

    /// <summary>Mostly the first: one odd thing at a time goes furthest.</summary>
    private T Seldom<T>(T[] from) => random.Next(3) == 0 ? Pick(from) : from[0];

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];

    private static string KeyIdOf(string secret)
    {
        Assert.True(IngestKeyFormat.TryGetKeyId(secret, out var id));
        return id;
    }

    /// <summary>One key's name with another's secret.</summary>
    private static string Mixed(string keyId, string key) => key.Replace(KeyIdOf(key), keyId, StringComparison.Ordinal);

    /// <summary><c>{"alg":"none"}</c></summary>
    private static string Unsigned(string tenant) =>
        Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""") + "." + Base64UrlEncoder.Encode(
            $$"""{"iss":"{{KnownIssuers.Development}}","aud":"{{KnownIssuers.Audience}}","sub":"s","exp":4102444800,"scope":"{{KnownScopes.TelemetryWrite}}","tenant":"{{tenant}}"}""") + ".";

    /// <summary>Another tenant's name in a token that was signed.</summary>
    private static string Spliced(string token, string tenant)
    {
        var parts = token.Split('.');
        return $"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace(Own, tenant, StringComparison.Ordinal))}.{parts[2]}";
    }
}
