using System.CommandLine;
using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>The keys that a bundle is verified with: those that the user names, else those that this stack trusts to sign bundles.</summary>
internal static class EvidenceKeys
{
    public static Option<string[]> Option(string name = "--key") => new(name)
    {
        Description = "Public key (PEM) that may have signed; give it again for more. Default: this stack's own, from .stella/keys.",
        HelpName = "PUB",
    };

    public static IReadOnlyList<VerificationKey> Load(CommandContext context, string[]? files)
    {
        if (files is { Length: > 0 })
        {
            return LoadFiles(context, files);
        }

        if (context.Services.FindStateDirectory() is { } state)
        {
            var trust = Path.Combine(state, "keys", "trust.json");
            var trusted = File.Exists(trust) ? LoadTrust(trust, KnownKeyUses.Bundle) : [];
            var own = Path.Combine(state, "keys", "evidence.pub");
            IReadOnlyList<VerificationKey> all = File.Exists(own) ? [.. trusted, LoadFile(own)] : trusted;
            if (all.Count > 0)
            {
                return [.. all.DistinctBy(k => k.KeyId)];
            }
        }

        throw CliException.Usage("no key to verify with", "name the signer's public key with --key; it must not come with the bundle");
    }

    /// <summary>Those files' alone.</summary>
    public static IReadOnlyList<VerificationKey> LoadFiles(CommandContext context, string[] files) =>
        [.. files.Select(f => LoadFile(Path.GetFullPath(f, context.Host.WorkingDirectory))).DistinctBy(k => k.KeyId)];

    /// <summary>The keys that a trust file lets sign for a use.</summary>
    public static List<VerificationKey> LoadTrust(string path, string use)
    {
        try
        {
            return [.. TrustStore.Load(path).KeysFor(use).Select(k => k.Key)];
        }
        catch (CryptographicException e)
        {
            throw new CliException(CliExitCodes.Failed, e.Message, "name the signer's public key with --key", e);
        }
    }

    /// <summary>A public key that the user names.</summary>
    public static VerificationKey LoadFile(string path)
    {
        try
        {
            return VerificationKey.FromPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--key '{path}': {e.Message}", "name a P-256 public key in PEM", e);
        }
    }
}
