using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.AppHost.Local.Bootstrap;

/// <summary>Makes the keys of a development stack at its first start, and leaves them alone afterwards.</summary>
internal static class KeyBootstrap
{
    private static readonly (string Service, string[] Uses)[] s_identities =
    [
        (KnownServices.ProfileService, [KnownKeyUses.GatewaySnapshot]),
        (KnownServices.IncidentService, [KnownKeyUses.Incident]),
        (KnownServices.CaptureWorker, [KnownKeyUses.Promotion]),
        (KnownServices.IngestGateway, [KnownKeyUses.PromotionAck]),
    ];

    /// <summary>Completes the folder: a start that was cut short is mended by the next.</summary>
    public static BootstrapSecrets Complete(string keys)
    {
        Issuer(keys);
        var trusted = s_identities.Select(i => Trusted(Path.Combine(keys, i.Service + ".key"), i.Service, i.Uses)).ToList();
        trusted.Add(Evidence(keys));
        StateFolder.WriteAtomically(
            Path.Combine(keys, "trust.json"),
            JsonSerializer.SerializeToUtf8Bytes(new TrustDocument(TrustDocument.SchemaId, trusted), ContractsJson.Default.TrustDocument));
        Text(keys, "redaction-hmac.key", () => RandomNumberGenerator.GetHexString(64, lowercase: true));
        var password = Text(keys, "postgres.password", () => RandomNumberGenerator.GetHexString(48, lowercase: true));
        StateFolder.WriteAtomically(Path.Combine(keys, "postgres.pass"), Encoding.ASCII.GetBytes($"*:*:*:telemetry:{password}\n"));
        return new BootstrapSecrets(
            password,
            Text(keys, "system-ingest.key", () => IngestKeyFormat.Create().Secret),
            Text(keys, "gateway.id", () => "gateway-" + RandomNumberGenerator.GetHexString(8, lowercase: true)));
    }

    private static void Issuer(string keys)
    {
        using var key = LoadOrCreate(Path.Combine(keys, "issuer.key"));
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key.Public.SubjectPublicKeyInfo.Span, out _);
        StateFolder.WriteAtomically(Path.Combine(keys, "jwks.json"), DevelopmentToken.Jwks(ecdsa, key.KeyId));
    }

    /// <summary>The evidence key, encrypted as cosign keeps it, so that stock cosign can sign with it too.</summary>
    private static TrustedKey Evidence(string keys)
    {
        var file = Path.Combine(keys, "evidence.key");
        var publicFile = Path.Combine(keys, "evidence.pub");
        var password = Text(keys, "evidence.password", () => RandomNumberGenerator.GetHexString(48, lowercase: true));
        if (!File.Exists(file))
        {
            using var made = SigningKey.Create();
            StateFolder.WriteAtomically(publicFile, Encoding.ASCII.GetBytes(made.Public.ToPem() + "\n"));
            StateFolder.WriteAtomically(file, Encoding.ASCII.GetBytes(CosignKey.Write(made, password)));
        }

        using var key = VerificationKey.FromPem(File.ReadAllText(publicFile));
        return new TrustedKey("evidence", key.KeyId, key.ToPem(), [KnownKeyUses.Bundle]);
    }

    private static TrustedKey Trusted(string file, string name, string[] uses)
    {
        using var key = LoadOrCreate(file);
        return new TrustedKey(name, key.KeyId, key.Public.ToPem(), uses);
    }

    private static SigningKey LoadOrCreate(string file)
    {
        if (File.Exists(file))
        {
            return SigningKey.Load(file);
        }

        // By way of another name: a start that dies here leaves no half a key.
        var next = file + ".next";
        File.Delete(next);
        using (var made = SigningKey.Create())
        {
            made.Save(next);
        }

        File.Move(next, file);
        return SigningKey.Load(file);
    }

    private static string Text(string keys, string name, Func<string> make)
    {
        var file = Path.Combine(keys, name);
        if (!File.Exists(file))
        {
            StateFolder.WriteAtomically(file, Encoding.ASCII.GetBytes(make()));
        }

        return File.ReadAllText(file).Trim();
    }
}
