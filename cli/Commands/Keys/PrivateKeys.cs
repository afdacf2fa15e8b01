using System.CommandLine;
using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Keys;

/// <summary>
/// The private keys of people: cosign's encrypted file, whose password is asked for or stands in <c>COSIGN_PASSWORD</c>, or PKCS#8 PEM.
/// They are read here, used, and never sent anywhere.
/// </summary>
internal static class PrivateKeys
{
    public const string PasswordVariable = "COSIGN_PASSWORD";

    public static Option<string> Option(string description) => new("--key") { Description = description + " cosign's key file (with COSIGN_PASSWORD, or asked for), or PKCS#8 PEM.", Required = true, HelpName = "FILE" };

    /// <exception cref="CliException">It cannot be read or opened.</exception>
    public static SigningKey Load(CliHost host, string file)
    {
        var path = Path.GetFullPath(file, host.WorkingDirectory);
        try
        {
            var pem = File.ReadAllText(path);
            return PemEncoding.TryFind(pem, out var found) && pem[found.Label].EndsWith(" PRIVATE KEY", StringComparison.Ordinal) && pem[found.Label] != "PRIVATE KEY"
                ? CosignKey.Read(pem, PasswordFor(host, path))
                : SigningKey.Load(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--key '{path}': {e.Message}", "name a P-256 private key: cosign's (cosign generate-key-pair) or PKCS#8 PEM", e);
        }
    }

    private static string PasswordFor(CliHost host, string path) =>
        host.GetEnvironmentVariable(PasswordVariable)
        ?? host.ReadSecret($"password of {path}: ")
        ?? throw new CliException(CliExitCodes.WrongUsage, $"--key '{path}' is encrypted", $"set {PasswordVariable}, or run this at a terminal");
}
