using StellaOps.Telemetry.Cli.Discovery;

namespace StellaOps.Telemetry.Cli.Tokens;

/// <summary>
/// The token of a call: <c>--token-file</c>, then <c>STELLA_TOKEN</c>, else a short-lived one minted with the development issuer's key when
/// that can be read. Never an argument: arguments are seen by every process of the machine.
/// </summary>
internal sealed class TokenSource(CliHost host, ServiceLocator locator, string? tokenFile)
{
    public const string TokenVariable = "STELLA_TOKEN";
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(15);

    /// <summary>The token that the user gave; null when there is none.</summary>
    public string? FindGiven() => tokenFile is not null
        ? ReadFile(Path.GetFullPath(tokenFile, host.WorkingDirectory))
        : host.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } given ? given.Trim() : null;

    /// <param name="scope">What the call needs, more than one parted by spaces; a minted token carries nothing more.</param>
    /// <param name="tenant">The tenant it is for, or <c>*</c>.</param>
    public string? Find(string scope, string tenant)
    {
        if (FindGiven() is { } given)
        {
            return given;
        }

        return locator.FindStateDirectory() is { } state && File.Exists(DevTokenIssuer.KeyPath(state))
            ? DevTokenIssuer.Mint(DevTokenIssuer.KeyPath(state), "stella-cli:" + (host.GetEnvironmentVariable("USER") ?? "unknown"), [scope], tenant, s_lifetime, host.Time)
            : null;
    }

    /// <exception cref="CliException">There is none.</exception>
    public string Require(string scope, string tenant) => Find(scope, tenant) ?? throw new CliException(
        CliExitCodes.NotAllowed,
        $"no token with scope {scope} at hand",
        $"set {TokenVariable}, pass --token-file, or run where {Path.Combine(".stella", "keys", "issuer.key")} can be read");

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--token-file: {e.Message}", "name a readable file with the token and nothing else", e);
        }
    }
}
