using System.CommandLine;
using System.Security.Cryptography;
using Spectre.Console;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

internal sealed class ArchiveVerifyProofCommand : StellaCommand
{
    private readonly Argument<string> _proof = new("proof") { Description = "The proof's file." };
    private readonly Option<string?> _segment = new("--segment") { Description = "The chunk's segment, to be compared with the manifest that is proven.", HelpName = "FILE" };
    private readonly Option<string[]> _keys = ArchiveTrust.Option();

    public ArchiveVerifyProofCommand(CliHost host)
        : base(host, "verify-proof", "Verifies without a network that a chunk was in the archive when its day's root was signed. Ends with 3 when it does not hold.")
    {
        Arguments.Add(_proof);
        Options.Add(_segment);
        Options.Add(_keys);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry archive verify-proof proof.json --key capture-worker.pub",
        "stella telemetry archive verify-proof proof.json --key capture-worker.pub --segment gw-1-0000000000000001-0000000000000009-0123456789abcdef-default.otlp.zst",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(context.Arguments.GetRequiredValue(_proof), context.Host.WorkingDirectory);
        var trust = ArchiveTrust.Load(context, context.Arguments.GetValue(_keys));
        if (new FileInfo(file).Length > InclusionProof.MaxBytes)
        {
            throw CliException.Usage($"'{file}' is longer than any proof: {InclusionProof.MaxBytes} bytes", "name what 'archive prove' wrote");
        }

        var checks = new List<VerificationCheck>();
        if (InclusionProof.TryParse(await File.ReadAllBytesAsync(file, cancellationToken), out var proof))
        {
            checks.Add(new VerificationCheck("form", true, InclusionProof.SchemaId));
            var fault = proof.FindFault(trust.KeysFor(KnownKeyUses.Archive).Select(k => k.Key));
            checks.Add(new VerificationCheck("inclusion", fault is null, fault ?? $"root {proof.Root.Number} of {proof.Root.Day}, leaf {proof.LeafIndex} of {proof.Root.Leaves}, signed by a trusted key"));
            if (context.Arguments.GetValue(_segment) is { } segment)
            {
                checks.Add(await CheckSegmentAsync(Path.GetFullPath(segment, context.Host.WorkingDirectory), proof.Manifest, cancellationToken));
            }
        }
        else
        {
            checks.Add(new VerificationCheck("form", false, $"not a proof of the form {InclusionProof.SchemaId}"));
        }

        var ok = checks.TrueForAll(c => c.Ok);
        context.Output.Print(
            new ProofVerification(ok, proof?.Manifest.Segment, proof?.Manifest.Tenant.Value, proof?.Root.Day, proof?.Root.Number, proof?.Manifest.Records, checks),
            CliJson.Default.ProofVerification,
            TableOf);
        if (!ok)
        {
            context.Output.Note($"error: {checks.Count(c => !c.Ok)} of {checks.Count} checks failed: nothing is proven");
        }

        return ok ? CliExitCodes.Done : CliExitCodes.VerificationFailed;
    }

    private static async Task<VerificationCheck> CheckSegmentAsync(string path, ChunkManifest manifest, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        return sha256 == manifest.StoredSha256 && file.Length == manifest.StoredBytes
            ? new VerificationCheck("segment", true, $"{file.Length} bytes, sha256 {sha256}")
            : new VerificationCheck("segment", false, $"sha256 is {sha256}, the manifest names {manifest.StoredSha256}");
    }

    private static Table TableOf(ProofVerification report)
    {
        var table = OutputWriter.NewTable("", "CHECK", "DETAIL");
        foreach (var check in report.Checks)
        {
            table.AddRow(check.Ok ? "[green]ok[/]" : "[red]FAILED[/]", Markup.Escape(check.Name), Markup.Escape(check.Detail));
        }

        return table;
    }
}
