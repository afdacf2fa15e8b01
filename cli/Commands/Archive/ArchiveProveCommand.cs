using System.CommandLine;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

internal sealed class ArchiveProveCommand : StellaCommand
{
    private readonly Argument<string> _key = new("key") { Description = "Key of the chunk's segment, manifest or tombstone (archive/v1/TENANT/SIGNAL/...). With --path also the file's path." };
    private readonly Option<string?> _path = new("--path") { Description = "A folder with an archive, or a copy of one: read here, without a service.", HelpName = "FOLDER" };
    private readonly Option<string[]> _keys = ArchiveTrust.Option();
    private readonly Option<string?> _out = new("--out", "-o") { Description = "File for the proof. Default: SEGMENT.proof.json, here.", HelpName = "FILE" };

    public ArchiveProveCommand(CliHost host)
        : base(host, "prove", "Proves by a signed day root that a chunk was in the archive, in a file that is verified without a network.")
    {
        Arguments.Add(_key);
        foreach (var option in (Option[])[_path, _keys, _out])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry archive prove archive/v1/acme/traces/2026/03/01/10/gw-1-0000000000000001-0000000000000009-0123456789abcdef-default.otlp.zst",
        "stella telemetry archive prove --path /mnt/archive --key capture-worker.pub archive/v1/acme/logs/2026/03/01/10/gw-1-0000000000000001-0000000000000009-0123456789abcdef-default.manifest.json -o proof.json",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var given = context.Arguments.GetRequiredValue(_key);
        var json = context.Arguments.GetValue(_path) is { } path
            ? await FromFolderAsync(context, Path.GetFullPath(path, context.Host.WorkingDirectory), given, cancellationToken)
            : await AskAsync(context, given, cancellationToken);
        if (!InclusionProof.TryParse(json, out var proof))
        {
            throw new CliException(CliExitCodes.Failed, "the service answered with something that is no proof", "see whether service and tool are of one version");
        }

        var file = Path.GetFullPath(context.Arguments.GetValue(_out) ?? proof.Manifest.Segment + ".proof.json", context.Host.WorkingDirectory);
        await File.WriteAllBytesAsync(file, json, cancellationToken);
        context.Output.Print(ProofReport.Of(file, proof), CliJson.Default.ProofReport, r => OutputWriter.Properties(
            ("proof", r.File), ("chunk", r.Chunk), ("tenant", r.Tenant), ("day", r.Day), ("root", r.Root), ("leaf", $"{r.Leaf} of {r.Leaves}")));
        return CliExitCodes.Done;
    }

    private async Task<byte[]> FromFolderAsync(CommandContext context, string folder, string given, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(given, context.Host.WorkingDirectory);
        var key = given.StartsWith(ArchiveLayout.Root, StringComparison.Ordinal) ? given : Path.GetRelativePath(folder, full);
        try
        {
            var proof = await new ProofFinder(FolderObjectStore.OpenForReading(folder), ArchiveTrust.Load(context, context.Arguments.GetValue(_keys))).FindAsync(key, cancellationToken);
            return proof.ToJson();
        }
        catch (ProofNotFoundException e)
        {
            throw new CliException(CliExitCodes.Failed, e.Message, "days get their root once they are over; 'archive scrub' tells what is wrong otherwise", e);
        }
        catch (ArchiveDamagedException e)
        {
            throw new CliException(CliExitCodes.VerificationFailed, e.Message, "see 'stella telemetry archive scrub'", e);
        }
    }

    private static async Task<byte[]> AskAsync(CommandContext context, string key, CancellationToken cancellationToken)
    {
        var tenant = key.StartsWith(ArchiveLayout.Root, StringComparison.Ordinal) && TenantId.TryParse(key[ArchiveLayout.Root.Length..].Split('/')[0], out var named)
            ? named.Value
            : throw CliException.Usage($"'{key}' is no key of the archive", $"write it as {ArchiveLayout.Root}TENANT/SIGNAL/YYYY/MM/DD/HH/NAME{ArchiveLayout.SegmentSuffix}");
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesRead, tenant);
        return await new ScrubClient(http).ProveAsync(key, cancellationToken);
    }
}
