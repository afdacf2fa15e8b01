using System.CommandLine;
using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Keys;

/// <summary>How commands are told which private key signs.</summary>
internal static class KeyOptions
{
    /// <summary>cosign's own variable.</summary>
    public const string PasswordVariable = "COSIGN_PASSWORD";

    private const string Encrypted = "-----BEGIN ENCRYPTED ";

    public static Option<string> Key() => new("--key")
    {
        Description = "The private key: a file (cosign's encrypted form, or PKCS#8 PEM), or the name of one in .stella/keys.",
        HelpName = "KEY",
        Required = true,
    };

    public static Option<string?> PasswordFile() => new("--password-file")
    {
        Description = $"File with the key's password. Default: {PasswordVariable}, then a file NAME.password beside NAME.key, then a prompt.",
        HelpName = "FILE",
    };

    /// <summary>Opens the key that the options name.</summary>
    public static SigningKey Load(CommandContext context, string key, string? passwordFile)
    {
        var file = Find(context, key);
        try
        {
            return File.ReadAllText(file).TrimStart().StartsWith(Encrypted, StringComparison.Ordinal)
                ? CosignKey.Read(File.ReadAllText(file), Password(context, file, passwordFile))
                : SigningKey.Load(file);
        }
        catch (CryptographicException e)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--key '{file}': {e.Message}", "name a P-256 private key, and its password", e);
        }
    }

    private static string Find(CommandContext context, string key)
    {
        var path = Path.GetFullPath(key, context.Host.WorkingDirectory);
        if (File.Exists(path))
        {
            return path;
        }

        if (key == Path.GetFileName(key) && context.Services.FindStateDirectory() is { } state && Path.Combine(state, "keys", key + ".key") is var named && File.Exists(named))
        {
            return named;
        }

        throw CliException.Usage($"there is no private key '{key}'", "name a file, or make one with 'stella telemetry keys new'");
    }

    /// <summary>The password of an encrypted key: the user's, that of the file beside it, or what a person types.</summary>
    public static string Password(CommandContext context, string keyFile, string? passwordFile)
    {
        if (passwordFile is null && context.Host.GetEnvironmentVariable(PasswordVariable) is { } password)
        {
            return password;
        }

        var file = passwordFile is null ? Path.ChangeExtension(keyFile, ".password") : Path.GetFullPath(passwordFile, context.Host.WorkingDirectory);
        return File.Exists(file)
            ? File.ReadAllText(file).TrimEnd('\r', '\n')
            : context.Host.ReadSecret($"password of {keyFile}: ")
            ?? throw CliException.Usage($"'{keyFile}' is encrypted, and there is no password", $"set {PasswordVariable}, or name its file with --password-file");
    }
}
