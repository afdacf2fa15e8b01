using System.CommandLine;
using System.Security.Cryptography;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>The command form of https://github.com/sigstore/sigstore-conformance/blob/main/docs/cli_protocol.md, as far as it goes without a log.</summary>
internal sealed class VerifyBundleCommand : StellaCommand
{
    private const string DigestHead = "sha256:";

    private readonly Argument<string> _artifact = new("file-or-digest") { Description = "The signed file, or sha256:HEX of it; of a statement, one of its subjects." };
    private readonly Option<string> _bundle = new("--bundle") { Description = "The Sigstore bundle (v0.3).", HelpName = "FILE", Required = true };
    private readonly Option<string?> _key = new("--key") { Description = "Public key (PEM) that must have signed it.", HelpName = "PUB" };
    private readonly Option<string?> _identity = new("--certificate-identity") { Description = "Who must have signed it by certificate.", HelpName = "IDENTITY" };
    private readonly Option<string?> _issuer = new("--certificate-oidc-issuer") { Description = "Who vouches for that identity.", HelpName = "URL" };
    private readonly Option<string?> _root = new("--trusted-root") { Description = "Sigstore trusted root (JSON) of your own authorities.", HelpName = "FILE" };
    private readonly Option<bool> _staging = new("--staging") { Description = "Taken for the form's sake: no instance of Sigstore is known or asked." };

    public VerifyBundleCommand(CliHost host)
        : base(host, "verify-bundle", "Verifies a Sigstore bundle by key, or by identity of your own authority, without a network.")
    {
        Arguments.Add(_artifact);
        foreach (var option in (Option[])[_staging, _bundle, _key, _identity, _issuer, _root])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella evidence verify-bundle --bundle acme.sigstore.json --key evidence.pub acme.tar.zst",
        "stella evidence verify-bundle --bundle f.sigstore.json --certificate-identity https://example.org/ada --certificate-oidc-issuer https://login.example.org --trusted-root root.json f",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (key, identity, issuer) = (context.Arguments.GetValue(_key), context.Arguments.GetValue(_identity), context.Arguments.GetValue(_issuer));
        if (key is null ? identity is null || issuer is null : identity is not null || issuer is not null)
        {
            throw CliException.Usage("either --key, or --certificate-identity and --certificate-oidc-issuer", "say who must have signed");
        }

        string Full(string path) => Path.GetFullPath(path, context.Host.WorkingDirectory);
        var signer = key is null ? null : EvidenceKeys.LoadFiles(context, [key])[0];
        var root = context.Arguments.GetValue(_root) is { } file ? SignerOptions.LoadRoot(Full(file)) : null;
        var sha256 = await DigestAsync(context, context.Arguments.GetRequiredValue(_artifact), cancellationToken);
        var json = SignerOptions.ReadBounded(Full(context.Arguments.GetRequiredValue(_bundle)), SigstoreBundle.MaxBytes, "--bundle");
        var report = new BundleExaminer(context.Host.Time).Examine(json, sha256, signer, identity is null ? null : new CertificateIdentity(identity, issuer!), root);
        context.Output.Print(report, CliJson.Default.VerifyBundleReport, r => OutputWriter.Properties(
            ("verdict", r.Verdict), ("detail", r.Detail), ("time", r.Time is null ? null : OutputWriter.Time(r.Time)), ("not judged", r.NotJudged)));
        return report.Verdict switch
        {
            VerifyBundleReport.Verified => CliExitCodes.Done,
            VerifyBundleReport.Unsupported => CliExitCodes.Failed,
            _ => CliExitCodes.VerificationFailed,
        };
    }

    private static async Task<byte[]> DigestAsync(CommandContext context, string artifact, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(artifact, context.Host.WorkingDirectory);
        if (!File.Exists(path) && artifact.StartsWith(DigestHead, StringComparison.Ordinal) && artifact.Length == DigestHead.Length + (2 * SHA256.HashSizeInBytes)
            && !artifact.AsSpan(DigestHead.Length).ContainsAnyExcept("0123456789abcdefABCDEF"))
        {
            return Convert.FromHexString(artifact.AsSpan(DigestHead.Length));
        }

        await using var file = File.OpenRead(path);
        return await SHA256.HashDataAsync(file, cancellationToken);
    }
}

/// <summary>What <c>verify-bundle</c> prints.</summary>
/// <param name="Verdict">Verified, refused, or not supported, which is never good.</param>
/// <param name="NotJudged">What the bundle brings along that nothing here judges.</param>
internal sealed record VerifyBundleReport(string Verdict, string Detail, DateTimeOffset? Time = null, string? NotJudged = null)
{
    public const string Verified = "verified";
    public const string Refused = "refused";
    public const string Unsupported = "unsupported";
}
