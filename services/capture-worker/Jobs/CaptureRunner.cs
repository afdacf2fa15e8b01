using System.Globalization;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.CaptureWorker.Promotion;
using StellaOps.Telemetry.CaptureWorker.Provenance;
using StellaOps.Telemetry.CaptureWorker.Reading;
using StellaOps.Telemetry.CaptureWorker.Signing;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>Turns a job into a bundle: promote, read, sort, write, sign.</summary>
internal sealed class CaptureRunner(
    PromotionClient promotions, WindowReader reader, ProvenanceWriter provenance, BundleFolder bundles, EvidenceSigner signer) : ICaptureRunner
{
    public async Task<(CaptureResult Result, string Folder)> RunAsync(CaptureJob job, Action<string, double> report, CancellationToken cancellationToken)
    {
        var work = bundles.CreateWork(job);
        var output = Path.Combine(work, "bundle");
        Directory.CreateDirectory(output);

        // 1. Everything of the window goes from the gateways' logs to the archive.
        report("promoting", 0.05);
        var promotion = await promotions.PromoteAsync(new PromotionWindow(job.Id, job.Tenant, job.FromUnixNano, job.ToUnixNano), cancellationToken);

        // 2. Everything of the window comes from the archive into the sorters.
        report("reading", 0.2);
        using var content = await reader.ReadAsync(job, Path.Combine(work, "sort"), share => report("reading", 0.2 + (0.3 * share)), cancellationToken);

        // 3. and 4. Frames come out of the sorters in their total order, each once, and go into the archive's parts.
        var (written, total) = (0.0, Math.Max(1, content.Signals.Values.Sum(s => s.Sorter.Count)));
        var frames = content.Signals.ToDictionary(
            s => s.Key,
            s => s.Value.FramesAsync(more => report("writing", 0.5 + (0.4 * (written += more) / total))));
        report("writing", 0.5);
        var bundle = await new BundleWriter(new OtlpFrameInspector(), Path.Combine(work, "spool")).WriteAsync(output, NameOf(job), frames, cancellationToken);

        // 5. What is known about it stands beside it, signed with it.
        report("signing", 0.95);
        var gaps = promotion.Gaps.Concat(content.Missing.Select(m => m.Text)).ToList();
        var completeness = CompletenessJudge.Judge(job, promotion, content, bundle);
        var document = await provenance.WriteAsync(job, promotion, content, completeness, bundle, gaps, cancellationToken);
        await signer.SignAsync(job, output, bundle, document, gaps, cancellationToken);

        var result = new CaptureResult(
            bundle.Name,
            bundle.ArchiveHash,
            bundle.Manifest.Signals.ToDictionary(s => s.Key, s => s.Value.Records),
            gaps,
            completeness.Reasons,
            await BundleFolder.DescribeAsync(output, cancellationToken));
        return (result, output);
    }

    /// <summary><c>acme-20260301T120000Z-20260301T121500Z</c>: for people; the archive's bytes do not depend on it.</summary>
    private static string NameOf(CaptureJob job) => string.Create(
        CultureInfo.InvariantCulture,
        $"{job.Tenant}-{UnixNano.ToTime(job.FromUnixNano).UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{UnixNano.ToTime(job.ToUnixNano).UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
}
