using System.CommandLine;
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

    /// <summary>Between a key's name and the time when another took its place.</summary>
    public const string OldMark = "-until-";

    public static Option<string?> Option() => new("--trust") { Description = "The trust file. Default: this stack's own, .stella/keys/trust.json.", HelpName = "FILE" };

    /// <summary>The file that was named, else this stack's own; it has to be there.</summary>
    public static string Find(CommandContext context, string? given)
    {
        var file = given is not null
            ? Path.GetFullPath(given, context.Host.WorkingDirectory)
            : context.Services.FindStateDirectory() is { } state ? Path.Combine(state, "keys", "trust.json") : null;
        return file is not null && File.Exists(file)
            ? file
            : throw CliException.Usage(file is null ? "there is no trust file of this stack" : $"there is no trust file '{file}'", "name one with --trust");
    }

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
