using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Keys;

/// <summary>Trust files that a person keeps.</summary>
internal static class TrustFiles
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the file says; nothing when there is none.</summary>
    public static TrustDocument Read(string path)
    {
        if (!File.Exists(path))
        {
            return new TrustDocument(TrustDocument.SchemaId, []);
        }

        try
        {
            TrustStore.Load(path);
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ContractsJson.Default.TrustDocument)!;
        }
        catch (CryptographicException e)
        {
            throw new CliException(CliExitCodes.Failed, e.Message, "mend the file, or name another", e);
        }
    }

    /// <summary>Replaces the file whole.</summary>
    public static void Write(string path, TrustDocument document)
    {
        var next = path + ".next";
        using (var file = File.Create(next))
        using (var json = new Utf8JsonWriter(file, s_indented))
        {
            JsonSerializer.Serialize(json, document, ContractsJson.Default.TrustDocument);
        }

        File.Move(next, path, overwrite: true);
    }
}
