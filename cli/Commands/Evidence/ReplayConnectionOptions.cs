using System.CommandLine;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Cli.Tokens;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>How a replay's endpoint is reached: which authority it is trusted by, which headers it wants, which token it is shown.</summary>
internal sealed class ReplayConnectionOptions
{
    private const int MaxHeaderFileBytes = 64 * 1024;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly Option<string?> _authority = new("--ca") { Description = "File with the certificates (PEM) of the authorities that the endpoint is trusted by, instead of the machine's.", HelpName = "FILE" };
    private readonly Option<string?> _headers = new("--header-file") { Description = "File with headers to send, one 'Name: value' a line; # begins a comment. Secrets belong there, not into arguments.", HelpName = "FILE" };

    public IEnumerable<Option> All => [_authority, _headers];

    /// <summary>A client of the endpoint.</summary>
    public HttpClient Connect(CommandContext context, ReplayPlan plan)
    {
        var handler = context.Host.CreateHandler();
        if (FileOf(context, _authority) is { } authority)
        {
            Trust(handler, authority);
        }

        var http = new HttpClient(TokenOf(context, plan) is { } token ? new TokenHandler(token, context.Host.Time, handler) : handler) { Timeout = s_timeout };
        if (FileOf(context, _headers) is { } file)
        {
            AddHeaders(http, file);
        }

        return http;
    }

    private static string? FileOf(CommandContext context, Option<string?> option) =>
        context.Arguments.GetValue(option) is { } file ? Path.GetFullPath(file, context.Host.WorkingDirectory) : null;

    private static Func<string>? TokenOf(CommandContext context, ReplayPlan plan)
    {
        // A token of this stack is nothing to show to strangers.
        if (plan.IsForeign)
        {
            return context.Tokens.FindGiven() is null ? null : () => context.Tokens.FindGiven()!;
        }

        // A sender's token is good for exactly one tenant, so one can be minted only for a named one.
        if (plan.Tenant is null && context.Tokens.FindGiven() is null)
        {
            throw CliException.Usage("neither a token nor a tenant to mint one for", "set STELLA_TOKEN, or pass --token-file or --tenant");
        }

        return () => context.Tokens.Require($"{KnownScopes.TelemetryWrite} {KnownScopes.ReplayWrite}", plan.Tenant?.Value ?? "*");
    }

    private static void Trust(HttpMessageHandler handler, string file)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(file);
            if (authorities.Count == 0 || handler is not SocketsHttpHandler sockets)
            {
                throw new CryptographicException("it holds no certificate");
            }

            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            sockets.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--ca '{file}': {e.Message}", "name a file with PEM certificates", e);
        }
    }

    private static void AddHeaders(HttpClient http, string file)
    {
        try
        {
            if (new FileInfo(file).Length > MaxHeaderFileBytes)
            {
                throw new IOException($"it has more than {MaxHeaderFileBytes} bytes");
            }

            foreach (var (line, number) in File.ReadAllLines(file).Select((l, i) => (l.Trim(), i + 1)).Where(l => l.Item1.Length > 0 && l.Item1[0] != '#'))
            {
                // The value may be a secret: it is not said back.
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon <= 0 || !http.DefaultRequestHeaders.TryAddWithoutValidation(line[..colon].TrimEnd(), line[(colon + 1)..].Trim()))
                {
                    throw CliException.Usage($"--header-file '{file}', line {number}: this is no header", "write 'Name: value'");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--header-file '{file}': {e.Message}", "name a readable file with one 'Name: value' a line", e);
        }
    }
}
