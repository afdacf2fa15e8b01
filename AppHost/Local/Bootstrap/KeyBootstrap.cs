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
        (KnownServices.ProfileService, [KnownKeyUses.GatewaySnapshot, KnownKeyUses.ProfileDeployment]),
        (KnownServices.IncidentService, [KnownKeyUses.Incident]),
        (KnownServices.CaptureWorker, [KnownKeyUses.Promotion, KnownKeyUses.Archive]),
        (KnownServices.IngestGateway, [KnownKeyUses.PromotionAck, KnownKeyUses.IncidentUsage]),
    ];

    // Two people, so that a development stack shows what one alone cannot do.
    private static readonly (string Name, string Person, string Use)[] s_people =
    [
        ("author", "developer", KnownKeyUses.ProfileAuthor),
        ("approver", "reviewer", KnownKeyUses.ProfileApproval),
        ("break-glass", "developer", KnownKeyUses.ProfileBreakGlass),
    ];

    /// <summary>Completes the folder: a start that was cut short is mended by the next.</summary>
    public static BootstrapSecrets Complete(string keys)
    {
        Issuer(keys);
        var trusted = s_identities.Select(i => Trusted(Path.Combine(keys, i.Service + ".key"), i.Service, i.Uses)).ToList();
        trusted.Add(Encrypted(keys, "evidence", null, KnownKeyUses.Bundle));
        trusted.AddRange(s_people.Select(p => Encrypted(keys, p.Name, p.Person, p.Use)));
        var trustFile = Path.Combine(keys, "trust.json");
        StateFolder.WriteAtomically(trustFile, JsonSerializer.SerializeToUtf8Bytes(Trust(trustFile, trusted), ContractsJson.Default.TrustDocument));
        Text(keys, "redaction-hmac.key", () => RandomNumberGenerator.GetHexString(64, lowercase: true));
        var password = Text(keys, "postgres.password", () => RandomNumberGenerator.GetHexString(48, lowercase: true));
        StateFolder.WriteAtomically(Path.Combine(keys, "postgres.pass"), Encoding.ASCII.GetBytes($"*:*:*:telemetry:{password}\n"));
        return new BootstrapSecrets(
            password,
            Text(keys, "system-ingest.key", () => IngestKeyFormat.Create().Secret),
            Text(keys, "gateway.id", () => "gateway-" + RandomNumberGenerator.GetHexString(8, lowercase: true)));
    }

    /// <summary>The stack's own keys, and whatever else somebody put into the file: other people's keys, what profiles have to fulfil.</summary>
    private static TrustDocument Trust(string file, List<TrustedKey> own)
    {
        if (!File.Exists(file))
        {
            return new TrustDocument(TrustDocument.SchemaId, own);
        }

        try
        {
            var known = JsonSerializer.Deserialize(File.ReadAllBytes(file), ContractsJson.Default.TrustDocument);
            return known is null
                ? new TrustDocument(TrustDocument.SchemaId, own)
                : known with { Keys = [.. own.Select(o => WithPeriod(o, known)), .. known.Keys.Where(k => !own.Exists(o => o.Name == k.Name))] };
        }
        catch (JsonException e)
        {
            throw new LocalEngineException($"'{file}' is not a trust file ({e.Message}): mend it, or take it away and it is made again");
        }
    }

    /// <summary>When a key counts is not ours to say: whoever rotated it did.</summary>
    private static TrustedKey WithPeriod(TrustedKey own, TrustDocument known) => known.Keys.FirstOrDefault(k => k.KeyId == own.KeyId) is { } before
        ? own with { ValidFrom = before.ValidFrom, ValidUntil = before.ValidUntil }
        : own;

    private static void Issuer(string keys)
    {
        using var key = LoadOrCreate(Path.Combine(keys, "issuer.key"));
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key.Public.SubjectPublicKeyInfo.Span, out _);
        StateFolder.WriteAtomically(Path.Combine(keys, "jwks.json"), DevelopmentToken.Jwks(ecdsa, key.KeyId));
    }

    /// <summary>A key that is not a service's: encrypted as cosign keeps it, so that stock cosign can sign with it too.</summary>
    private static TrustedKey Encrypted(string keys, string name, string? person, string use)
    {
        var file = Path.Combine(keys, name + ".key");
        var publicFile = Path.Combine(keys, name + ".pub");
        var password = Text(keys, name + ".password", () => RandomNumberGenerator.GetHexString(48, lowercase: true));
        if (!File.Exists(file))
        {
            using var made = SigningKey.Create();
            StateFolder.WriteAtomically(publicFile, Encoding.ASCII.GetBytes(made.Public.ToPem() + "\n"));
            StateFolder.WriteAtomically(file, Encoding.ASCII.GetBytes(CosignKey.Write(made, password)));
        }

        using var key = VerificationKey.FromPem(File.ReadAllText(publicFile));
        return new TrustedKey(name, key.KeyId, key.ToPem(), [use], person);
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
