using System.CommandLine;
using System.Text.Json;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Commands.Kits.Building;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Kits;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

internal sealed class KitBuildCommand : StellaCommand
{
    private const int DefaultFreshDays = 90;

    private readonly Option<string> _out = new("--out", "-o") { Description = "The archive: NAME.tar.zst. Signature, attestation, programs and scripts go beside it.", HelpName = "FILE", Required = true };
    private readonly Option<string> _key = KeyOptions.Key();
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();
    private readonly Option<string?> _from = new("--from") { Description = "What 'eng/kit.sh stage' gathered. Default: it is run, in the repository found upward from here.", HelpName = "STAGING" };
    private readonly Option<string?> _trust = new("--trust") { Description = "Trust file that becomes the kit's trust root. Default: the signing key's public half, for kits.", HelpName = "FILE" };
    private readonly Option<string?> _images = new("--images") { Description = "OCI image layout whose images travel in the kit.", HelpName = "DIR" };
    private readonly Option<int> _fresh = new("--fresh-days") { Description = "Days after the source's commit during which the kit counts as fresh.", HelpName = "N", DefaultValueFactory = _ => DefaultFreshDays };

    public KitBuildCommand(CliHost host)
        : base(host, "build", "Makes an Offline Kit: one signed archive with all that a sealed site needs. The same source gives the same bytes.")
    {
        foreach (var option in (Option[])[_out, _key, _passwordFile, _from, _trust, _images, _fresh])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry kit build -o dist/stella-telemetry-kit-0.1.0.tar.zst --key kit.key",
        "stella telemetry kit build -o dist/kit.tar.zst --key kit.key --from staging --trust trust.json --images oci",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var delivery = DeliveryOf(Absolute(context, context.Arguments.GetRequiredValue(_out))!);
        using var key = KeyOptions.Load(context, context.Arguments.GetRequiredValue(_key), context.Arguments.GetValue(_passwordFile));
        var staging = Absolute(context, context.Arguments.GetValue(_from)) ?? await StageScript.RunAsync(context, cancellationToken);
        var stage = KitStage.Read(staging);

        var contents = new KitContents();
        var tree = Path.Combine(staging, KitStage.Tree);
        contents.AddFolder("", tree, p => !IsDocument(p));
        var trust = KitTrust.Add(contents, Absolute(context, context.Arguments.GetValue(_trust)), key.Public);
        var images = await KitImages.AddAsync(contents, ListedImages(tree), Absolute(context, context.Arguments.GetValue(_images)), cancellationToken);
        contents.AddContent(KitSbom.File, KitSbom.Write(delivery.Name, stage, Path.Combine(staging, KitStage.Parts)));
        KitDocuments.Add(contents, Directory.EnumerateFiles(tree, "*.md", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(tree, f)).ToDictionary(p => p, p => File.ReadAllText(Path.Combine(tree, p))));
        KitTrust.RefusePrivateKeys(contents);

        var manifest = new KitManifest(
            KitManifest.SchemaId, delivery.Name, stage.Version, new KitSource(stage.Commit, stage.Date), stage.Date.AddDays(context.Arguments.GetValue(_fresh)), stage.Architectures, stage.Components,
            StagedFacts.Profiles(tree), StagedFacts.Migrations(tree), trust, images, Absences(stage, images), await contents.DescribeAsync(cancellationToken));
        var inside = manifest.Files.Sum(f => f.Size);
        var sha256 = await KitProgress.RunAsync(context, "compressing", inside, isDelta: false, progress => KitWriter.WriteAsync(delivery.Archive, manifest, contents.Open, progress, cancellationToken));
        var files = await KitSigner.SignAsync(delivery, sha256, manifest, Companions(tree), key, cancellationToken);
        context.Output.Print(
            new KitBuildReport(
                delivery.Name, manifest.Version, manifest.Source.Commit, manifest.FreshUntil, sha256, new FileInfo(delivery.Archive).Length, manifest.Files.Count, inside, key.KeyId, delivery.Folder, files, manifest.Absent),
            CliJson.Default.KitBuildReport,
            r => OutputWriter.Properties(
                ("kit", r.Kit), ("version", r.Version), ("source", r.Commit), ("fresh until", OutputWriter.Time(r.FreshUntil)), ("sha256", r.Sha256),
                ("size", $"{ByteSize.Format(r.Bytes)}; {r.FilesInside} files, {ByteSize.Format(r.BytesInside)} unpacked"), ("signed by", r.KeyId), ("files", string.Join('\n', r.Files.Select(f => Path.Combine(r.Folder, f)))),
                ("without", r.Absent.Count == 0 ? null : string.Join('\n', r.Absent.Select(a => $"{a.What}: {a.Why}")))));
        return CliExitCodes.Done;
    }

    private static KitDelivery DeliveryOf(string path)
    {
        var name = Path.GetFileName(path);
        if (!name.EndsWith(KitFormat.ArchiveSuffix, StringComparison.Ordinal) || !KitDelivery.IsName(name[..^KitFormat.ArchiveSuffix.Length]))
        {
            throw CliException.Usage($"--out '{path}' cannot name a kit", $"write NAME{KitFormat.ArchiveSuffix}, NAME of letters, digits, '.', '_', '-' and '+'");
        }

        return new KitDelivery(Path.GetDirectoryName(path)!, name[..^KitFormat.ArchiveSuffix.Length]);
    }

    /// <summary>What a target without any of this needs to begin: a program of its architecture that stands alone, and scripts.</summary>
    private static IReadOnlyList<(string Name, string Source)> Companions(string tree) =>
    [
        .. Directory.EnumerateDirectories(tree, "linux-*").Select(d => ($"stella-{Path.GetFileName(d)}", Path.Combine(d, "bin", "stella"))).Where(c => File.Exists(c.Item2)),
        .. new[] { "verify.sh", "import.sh" }.Select(s => (s, Path.Combine(tree, s))).Where(c => File.Exists(c.Item2)),
    ];

    private static string[] ListedImages(string tree) =>
        Path.Combine(tree, KitImages.ListFile) is var file && File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), CliJson.Default.StringArray) ?? [] : [];

    private static IReadOnlyList<KitAbsence> Absences(KitStage stage, IReadOnlyList<KitImage> images)
    {
        var without = images.Where(i => !i.Included).Select(i => i.Reference).ToList();
        return without.Count == 0 ? stage.Absent : [.. stage.Absent, new KitAbsence("container images", $"no OCI layout brought {string.Join(", ", without)}: the local engine needs none")];
    }

    private static bool IsDocument(string path) => path.EndsWith(".md", StringComparison.Ordinal);

    private static string? Absolute(CommandContext context, string? path) => path is null ? null : Path.GetFullPath(path, context.Host.WorkingDirectory);
}
