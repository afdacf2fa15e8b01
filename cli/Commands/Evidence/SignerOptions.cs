using System.CommandLine;
using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>
/// Whom a bundle must be signed by, as the command line says: keys and identities that it names, else a trust file's, else this stack's own.
/// </summary>
internal sealed class SignerOptions
{
    private const int MaxPemBytes = 1024 * 1024;

    private readonly Option<string[]> _keys;
    private readonly Option<string?> _trust = new("--trust") { Description = "Trust file whose keys and identities may have signed, within their validity.", HelpName = "FILE" };
    private readonly Option<string?> _root = new("--trusted-root") { Description = "Sigstore trusted root (JSON): timestamp and certificate authorities that are believed.", HelpName = "FILE" };
    private readonly Option<string[]> _tsa = new("--tsa-certificate") { Description = "Chain of a timestamp authority that is believed (PEM, leaf first, root last); give it again for more.", HelpName = "FILE" };
    private readonly Option<string?> _identity = new("--certificate-identity") { Description = "Who may have signed by certificate: its URI or mail address.", HelpName = "IDENTITY" };
    private readonly Option<string?> _issuer = new("--certificate-oidc-issuer") { Description = "Who vouches for that identity.", HelpName = "URL" };

    /// <param name="keyOption">What public keys are named with.</param>
    public SignerOptions(string keyOption = "--key")
    {
        _keys = EvidenceKeys.Option(keyOption);
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_keys, _trust, _root, _tsa, _identity, _issuer])
        {
            command.Options.Add(option);
        }
    }

    public SignerTrust Load(CommandContext context)
    {
        var arguments = context.Arguments;
        var (identity, issuer) = (arguments.GetValue(_identity), arguments.GetValue(_issuer));
        if ((identity is null) != (issuer is null))
        {
            throw CliException.Usage("--certificate-identity and --certificate-oidc-issuer belong together", "name both");
        }

        var keys = arguments.GetValue(_keys) ?? [];
        var trust = arguments.GetValue(_trust) is { } file
            ? LoadTrust(Full(context, file), context)
            : keys.Length == 0 && identity is null ? Own(context) : new SignerTrust();
        var root = arguments.GetValue(_root) is { } rootFile ? LoadRoot(Full(context, rootFile)) : new TrustedRoot([], [], 0);
        return trust with
        {
            Keys = [.. trust.Keys, .. EvidenceKeys.LoadFiles(context, keys).Select(k => new TrustedSigner(k))],
            Identities = identity is null ? trust.Identities : [.. trust.Identities, new CertificateIdentity(identity, issuer!)],
            CertificateAuthorities = [.. trust.CertificateAuthorities, .. root.CertificateAuthorities],
            TimestampAuthorities = [.. trust.TimestampAuthorities, .. root.TimestampAuthorities, .. (arguments.GetValue(_tsa) ?? []).Select(f => LoadChain(Full(context, f)))],
        };
    }

    /// <summary>Reads a Sigstore trusted root.</summary>
    public static TrustedRoot LoadRoot(string path)
    {
        var json = ReadBounded(path, TrustedRoot.MaxBytes, "--trusted-root");
        return TrustedRoot.TryParse(json, out var root, out var error) ? root : throw CliException.Usage($"--trusted-root '{path}': {error}", "make one with 'cosign trusted-root create'");
    }

    /// <summary>Reads a file that is not longer than it may be.</summary>
    public static byte[] ReadBounded(string path, int maxBytes, string option)
    {
        try
        {
            return new FileInfo(path).Length <= maxBytes ? File.ReadAllBytes(path) : throw CliException.Usage($"{option} '{path}' is longer than {maxBytes} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"{option} '{path}': {e.Message}", "name a file that can be read", e);
        }
    }

    /// <summary>The chain of a timestamp authority.</summary>
    public static AuthorityChain LoadChain(string path)
    {
        try
        {
            return AuthorityChain.FromPem(Path.GetFileName(path), System.Text.Encoding.UTF8.GetString(ReadBounded(path, MaxPemBytes, "--tsa-certificate")));
        }
        catch (CryptographicException e)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--tsa-certificate '{path}': {e.Message}", "name the chain in PEM, the leaf first and the self-signed root last", e);
        }
    }

    /// <summary>The trust file of this stack, and its evidence key, whose entry in the file says when it counts.</summary>
    private static SignerTrust Own(CommandContext context)
    {
        if (context.Services.FindStateDirectory() is { } state && Path.Combine(state, "keys", "trust.json") is var trust && File.Exists(trust))
        {
            return LoadTrust(trust, context);
        }

        return SignerTrust.Of(EvidenceKeys.Load(context, []));
    }

    private static SignerTrust LoadTrust(string path, CommandContext context)
    {
        try
        {
            return TrustStore.Load(path, context.Host.Time).SignersFor(KnownKeyUses.Bundle);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliExitCodes.Failed, e.Message, "name a trust file, or the signer's public key with --key", e);
        }
    }

    private static string Full(CommandContext context, string path) => Path.GetFullPath(path, context.Host.WorkingDirectory);
}
