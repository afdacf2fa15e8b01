using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Time;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

internal sealed class SignCommand : StellaCommand
{
    private const int MaxCertificateBytes = 64 * 1024;

    private readonly Argument<string> _bundle = new("bundle") { Description = "The bundle's archive (NAME.tar.zst), or its path without suffix." };
    private readonly Option<string> _key = KeyOptions.Key();
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();
    private readonly Option<string?> _certificate = new("--certificate") { Description = "Certificate of the key (PEM or DER), to sign as whom it names.", HelpName = "FILE" };
    private readonly Option<string?> _tsa = new("--tsa") { Description = "Timestamp authority (RFC 3161 over HTTP) that is asked for the time.", HelpName = "URL" };
    private readonly SignerOptions _signers = new("--signed-by");

    public SignCommand(CliHost host)
        : base(host, "sign", "Adds your signature to a bundle that somebody signed, beside theirs, once it is verified.")
    {
        Arguments.Add(_bundle);
        foreach (var option in (Option[])[_key, _passwordFile, _certificate, _tsa])
        {
            Options.Add(option);
        }

        _signers.AddTo(this);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry sign evidence/acme.tar.zst --key operator.key --signed-by evidence.pub",
        "stella telemetry sign acme.tar.zst --key operator.key --tsa http://tsa.internal/api/v1/timestamp --tsa-certificate tsa.pem",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var path = Path.GetFullPath(arguments.GetRequiredValue(_bundle), context.Host.WorkingDirectory);
        var trust = _signers.Load(context);
        var tsa = UrlOf(arguments.GetValue(_tsa));
        using var key = KeyOptions.Load(context, arguments.GetRequiredValue(_key), arguments.GetValue(_passwordFile));
        using var certificate = arguments.GetValue(_certificate) is { } file ? LoadCertificate(Path.GetFullPath(file, context.Host.WorkingDirectory)) : null;
        var verification = await new BundleVerifier(new OtlpFrameInspector()).VerifyAsync(path, new VerificationDemand(trust) { Clock = context.Host.Time }, cancellationToken);
        if (!verification.Ok)
        {
            foreach (var check in verification.Checks.Where(c => !c.Ok))
            {
                context.Output.Note($"FAILED {check.Name}: {check.Detail}");
            }

            throw new CliException(CliExitCodes.VerificationFailed, "nothing was signed: the bundle does not verify", "see it whole with 'stella telemetry verify'");
        }

        if (verification.Signatures.Any(s => s.KeyId == key.KeyId && s.File == verification.Name + BundleFormat.AttestationSuffix))
        {
            throw new CliException(CliExitCodes.Failed, $"the key {key.KeyId} signed this bundle already, as its first signer", "sign with another key");
        }

        using var http = tsa is null ? null : new HttpClient(context.Host.CreateHandler()) { Timeout = TimeSpan.FromSeconds(20) };
        var signed = await AddAsync(BundleFiles.Locate(path), verification.Statement!, SignerOf(key, certificate, tsa, http, trust), trust, context.Host.Time, cancellationToken);
        context.Output.Print(signed, CliJson.Default.BundleSignature, s => OutputWriter.Properties(
            ("file", s.File), ("signer", s.Signer), ("time", s.Time is null ? "no trusted time" : OutputWriter.Time(s.Time))));
        return CliExitCodes.Done;
    }

    private static SigstoreSigner SignerOf(SigningKey key, X509Certificate2? certificate, Uri? tsa, HttpClient? http, SignerTrust trust)
    {
        if (tsa is not null && trust.TimestampAuthorities.Count == 0)
        {
            throw CliException.Usage("--tsa: no timestamp authority is believed, so its answer could not be judged", "name its chain with --tsa-certificate");
        }

        try
        {
            return new SigstoreSigner(key, certificate, http is null ? null : new Timestamper(new HttpTimestampClient(http, tsa!), trust.TimestampAuthorities));
        }
        catch (CryptographicException e)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--certificate: {e.Message}", "name the certificate that was issued for this key", e);
        }
    }

    private static async Task<BundleSignature> AddAsync(
        BundleFiles files, Statement statement, SigstoreSigner signer, SignerTrust trust, TimeProvider clock, CancellationToken cancellationToken)
    {
        var path = await BundleSigner.AddSignerAsync(files, statement, signer, cancellationToken);
        var judge = new SignatureJudge(SignerTrust.Of([signer.Key.Public]) with { TimestampAuthorities = trust.TimestampAuthorities }, clock);
        var time = SigstoreBundle.TryParse(await File.ReadAllBytesAsync(path, cancellationToken), out var written, out _) ? judge.JudgeStatement(written).Time : null;
        return new BundleSignature(Path.GetFileName(path), $"key {signer.Key.KeyId}{(signer.Certificate is null ? "" : " by certificate")}", signer.Key.KeyId, time);
    }

    private static Uri? UrlOf(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https") ? url
        : throw CliException.Usage($"--tsa: '{text}' is not an address", "write it as http://tsa.internal/api/v1/timestamp");

    private static X509Certificate2 LoadCertificate(string path)
    {
        var content = SignerOptions.ReadBounded(path, MaxCertificateBytes, "--certificate");
        try
        {
            return content.AsSpan().StartsWith("-----BEGIN"u8) ? X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(content)) : X509CertificateLoader.LoadCertificate(content);
        }
        catch (CryptographicException e)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--certificate '{path}': {e.Message}", "name one certificate in PEM or DER", e);
        }
    }
}
