using System.CommandLine;
using System.Globalization;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Kits.Pieces;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

internal sealed class KitSplitCommand : StellaCommand
{
    private readonly Argument<string> _kit = new("kit") { Description = "The kit's archive, or the folder that holds it." };
    private readonly Option<string> _size = new("--size") { Description = "What a piece takes at most: the medium's room.", HelpName = "SIZE", Required = true };
    private readonly Option<string> _folder = new("--out", "-o") { Description = "Where the pieces go.", HelpName = "DIR", Required = true };
    private readonly Option<string> _key = KeyOptions.Key();
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();
    private readonly Option<string?> _only = new("--only") { Description = "Only these pieces, as 'kit join' lists the missing ones.", HelpName = "3,7-9" };

    public KitSplitCommand(CliHost host)
        : base(host, "split", "Cuts a kit and all that travels with it into numbered, signed pieces for small media or a data diode.")
    {
        Arguments.Add(_kit);
        foreach (var option in (Option[])[_size, _folder, _key, _passwordFile, _only])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry kit split stella-telemetry-kit-0.1.0.tar.zst --size 600MiB -o pieces --key kit.key",
        "stella telemetry kit split stella-telemetry-kit-0.1.0.tar.zst --size 600MiB -o again --key kit.key --only 3,7-9",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var size = ByteSize.Parse(context.Arguments.GetRequiredValue(_size), "--size");
        var only = context.Arguments.GetValue(_only) is { } text ? Numbers(text) : null;
        var folder = Path.GetFullPath(context.Arguments.GetRequiredValue(_folder), context.Host.WorkingDirectory);
        using var key = KeyOptions.Load(context, context.Arguments.GetRequiredValue(_key), context.Arguments.GetValue(_passwordFile));
        var signed = await new KitVerifier([key.Public], maxAge: null, context.Host.Time)
            .VerifySignaturesAsync(Path.GetFullPath(context.Arguments.GetRequiredValue(_kit), context.Host.WorkingDirectory), cancellationToken);
        if (signed is not { Ok: true, Delivery: { } delivery })
        {
            context.Output.Print(KitVerifyReport.Of(signed), CliJson.Default.KitVerifyReport, KitTables.Of);
            context.Output.Note("error: this key did not sign this kit: what cannot be verified here is not sent");
            return CliExitCodes.VerificationFailed;
        }

        IReadOnlyList<string> files = [delivery.ArchiveName, .. new[] { delivery.Signature, delivery.Attestation }.Select(f => Path.GetFileName(f)!), .. signed.Companions.Where(c => File.Exists(Path.Combine(delivery.Folder, c)))];
        var pieces = await SplitAsync(context, delivery, files, size, folder, only, key, cancellationToken);
        if (only is not null && only.Max() > pieces.Count)
        {
            throw CliException.Usage($"--only names piece {only.Max()}, there are {pieces.Count}", "use the same --size as the first time");
        }

        var written = pieces.Where(p => only?.Contains(p.Piece) ?? true).Select(p => p.FileName).ToList();
        context.Output.Print(
            new KitSplitReport(pieces[0].Transfer, delivery.Name, pieces.Count, pieces[0].StreamBytes, pieces[0].StreamSha256, folder, written),
            CliJson.Default.KitSplitReport,
            r => OutputWriter.Properties(("transfer", r.Transfer), ("kit", r.Kit), ("pieces", $"{r.Written.Count} written of {r.Pieces}"), ("content", ByteSize.Format(r.StreamBytes)), ("folder", r.Folder)));
        context.Output.Say("there: stella telemetry kit join FOLDER... -o DIR --key PUB says what is missing; pieces may come in any order, and more than once");
        return CliExitCodes.Done;
    }

    private static async Task<IReadOnlyList<KitPiece>> SplitAsync(
        CommandContext context, KitDelivery delivery, IReadOnlyList<string> files, long size, string folder, IReadOnlySet<int>? only, Telemetry.Evidence.Signing.SigningKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await KitProgress.RunAsync(
                context, "splitting", files.Sum(f => new FileInfo(Path.Combine(delivery.Folder, f)).Length), isDelta: false,
                progress => KitSplitter.SplitAsync(delivery, files, size, folder, only, key, progress, cancellationToken));
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw CliException.Usage($"--size: {e.Message}", "choose larger pieces");
        }
    }

    /// <summary><c>3,7-9</c>.</summary>
    private static HashSet<int> Numbers(string text)
    {
        var numbers = new HashSet<int>();
        foreach (var run in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = run.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || first < 1 || last < first || last > KitPiece.MaxPieces)
            {
                throw CliException.Usage($"--only: '{run}' is no piece and no range of them", "write numbers as 'kit join' lists them: 3,7-9");
            }

            numbers.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return numbers;
    }
}
