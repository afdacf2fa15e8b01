using System.CommandLine;
using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>The keys that day roots and tombstones are verified with: those that the user names, else those of this stack's trust file.</summary>
internal static class ArchiveTrust
{
    public static Option<string[]> Option() => new("--key")
    {
        Description = $"Public key (PEM) that may have signed roots and tombstones; give it again for more. Default: those that .stella/keys/trust.json names for '{KnownKeyUses.Archive}'.",
        HelpName = "PUB",
    };

    public static TrustStore Load(CommandContext context, string[]? files)
    {
        if (files is { Length: > 0 })
        {
            return new TrustStore(new TrustDocument(TrustDocument.SchemaId, [.. files.Select(f => LoadFile(Path.GetFullPath(f, context.Host.WorkingDirectory))).DistinctBy(k => k.KeyId)]));
        }

        if (context.Services.FindStateDirectory() is { } state && Path.Combine(state, "keys", "trust.json") is var path && File.Exists(path))
        {
            try
            {
                var trust = TrustStore.Load(path);
                return trust.KeysFor(KnownKeyUses.Archive).Any()
                    ? trust
                    : throw CliException.Usage($"'{path}' names no key for '{KnownKeyUses.Archive}'", "name the capture worker's public key with --key");
            }
            catch (CryptographicException e)
            {
                throw new CliException(CliExitCodes.Failed, e.Message, "name the capture worker's public key with --key", e);
            }
        }

        throw CliException.Usage("no key to verify with", "name the capture worker's public key with --key; it must not come with the archive");
    }

    private static TrustedKey LoadFile(string path)
    {
        try
        {
            using var key = VerificationKey.FromPem(File.ReadAllText(path));
            return new TrustedKey(Path.GetFileName(path), key.KeyId, key.ToPem(), [KnownKeyUses.Archive]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--key '{path}': {e.Message}", "name a P-256 public key in PEM", e);
        }
    }
}
