using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Kits.Building;

/// <summary>The kit's trust root: which public keys may sign what. The next kit is judged by it where this one is installed.</summary>
internal static class KitTrust
{
    /// <summary>In a kit.</summary>
    public const string File = "trust/trust.json";

    private const string PrivateKey = "PRIVATE KEY";
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="file">A trust file; null for one of the signing key alone.</param>
    public static IReadOnlyList<KitTrustedKey> Add(KitContents contents, string? file, VerificationKey signer)
    {
        var document = file is null ? new TrustDocument(TrustDocument.SchemaId, [new TrustedKey("kit", signer.KeyId, signer.ToPem(), [KnownKeyUses.Kit])]) : TrustFiles.Read(file);
        if (!document.Keys.Any(k => k.KeyId == signer.KeyId && k.Uses.Contains(KnownKeyUses.Kit)))
        {
            throw CliException.Usage(
                $"--trust '{file}' does not let the signing key {signer.KeyId} sign kits, so whoever installs this one could not verify it again",
                $"add the key with the use '{KnownKeyUses.Kit}' (stella telemetry keys new NAME --use {KnownKeyUses.Kit} --trust FILE)");
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_indented))
        {
            JsonSerializer.Serialize(json, document, ContractsJson.Default.TrustDocument);
        }

        buffer.WriteByte((byte)'\n');
        contents.AddContent(File, buffer.ToArray());
        foreach (var key in document.Keys)
        {
            contents.AddContent($"trust/{key.KeyId[..16]}.pub", Encoding.ASCII.GetBytes(key.PublicKeyPem.TrimEnd() + "\n"));
        }

        return [.. document.Keys.OrderBy(k => k.KeyId, StringComparer.Ordinal).Select(k => new KitTrustedKey(k.Name, k.KeyId, k.Uses, k.ValidUntil))];
    }

    /// <summary>Refuses a kit with a private key in it, wherever that came from.</summary>
    public static void RefusePrivateKeys(KitContents contents)
    {
        foreach (var path in contents.Paths.Where(p => Path.GetExtension(p) is ".key" or ".pem" or ".json" or ".pub" or "" or ".yaml" or ".txt"))
        {
            using var stream = contents.Open(new KitFile(path, 0, "", KitFile.Plain));
            if (stream.Length > 64 * 1024)
            {
                continue;
            }

            using var reader = new StreamReader(stream, Encoding.Latin1);
            if (HoldsPrivateKey(reader.ReadToEnd()))
            {
                throw new CliException(CliExitCodes.NotAllowed, $"'{path}' holds a private key, which no kit carries", "take it out of the staging folder, and make a new key: this one has travelled");
            }
        }
    }

    /// <summary>A whole PEM block: redaction policies name the first line of one.</summary>
    private static bool HoldsPrivateKey(ReadOnlySpan<char> text)
    {
        while (PemEncoding.TryFind(text, out var found))
        {
            if (text[found.Label].EndsWith(PrivateKey, StringComparison.Ordinal))
            {
                return true;
            }

            text = text[found.Location.End..];
        }

        return false;
    }
}
