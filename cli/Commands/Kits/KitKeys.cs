using System.CommandLine;
using StellaOps.Telemetry.Cli.Commands.Evidence;
using StellaOps.Telemetry.Cli.Commands.Kits.Building;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

/// <summary>The keys that a kit is verified with: those that the user names, else those that an installed kit, or this stack, trusts to sign kits.</summary>
internal static class KitKeys
{
    public static Option<string[]> Option() => new("--key")
    {
        Description = "Public key (PEM) that may have signed; give it again for more. Default: those that the kit in force, or .stella/keys/trust.json, trusts to sign kits.",
        HelpName = "PUB",
    };

    /// <param name="installed">The folder of the kit in force, or null.</param>
    public static IReadOnlyList<VerificationKey> Load(CommandContext context, string[]? files, string? installed)
    {
        if (files is { Length: > 0 })
        {
            return [.. files.Select(f => EvidenceKeys.LoadFile(Path.GetFullPath(f, context.Host.WorkingDirectory)))];
        }

        IEnumerable<string?> trustFiles = [installed is null ? null : Path.Combine(installed, KitTrust.File), context.Services.FindStateDirectory() is { } state ? Path.Combine(state, "keys", "trust.json") : null];
        foreach (var file in trustFiles.OfType<string>().Where(File.Exists))
        {
            if (EvidenceKeys.LoadTrust(file, KnownKeyUses.Kit) is { Count: > 0 } keys)
            {
                return keys;
            }
        }

        throw CliException.Usage("no key to verify with", "name the signer's public key with --key; it must not come with the kit");
    }
}
