using System.Globalization;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>A forensic bundle that reaches back before the incident: also what sampling had discarded is in it.</summary>
internal sealed class CaptureStep : IStoryStep
{
    public string Name => "capture";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        context.Original = await context.Stack.CaptureAsync(
            context.Acme.Name, context.TrafficStartedAt, context.CaptureTo, context.NewFolder("bundle"), context.IncidentId);
        var bundle = context.Original;
        var spans = bundle.Records.GetValueOrDefault("traces");
        var sampledOut = (await context.Acme.Sender.DecisionsAsync(context.Acme.SteadyTraces, cancellationToken)).Where(d => !d.Value.IsKept).Select(d => d.Key).ToHashSet(StringComparer.Ordinal);
        var inBundle = BundleContent.Spans(bundle).Select(s => s.TraceId).ToHashSet(StringComparer.Ordinal);
        var reachedBack = sampledOut.Count(inBundle.Contains);
        StoryException.ThrowUnless(reachedBack == sampledOut.Count, $"of {sampledOut.Count} traces that sampling had discarded before the incident, only {reachedBack} are in the bundle");
        var acknowledged = context.Acme.AcknowledgedUntilCapture;
        StoryException.ThrowUnless(spans == acknowledged, $"the bundle holds {spans} spans, {acknowledged} were acknowledged in its window");
        StoryException.ThrowUnless(bundle.Gaps.Count == 0, "gaps: " + string.Join("; ", bundle.Gaps));
        var (hits, _, _) = PersonalDataSearch.Search(bundle.Folder, PersonalData.Needles);
        StoryException.ThrowUnless(hits.Count == 0, "personal data in the bundle: " + string.Join(", ", hits.Select(h => $"{h.Name} in {h.File}")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{spans:N0} spans, {bundle.Records.GetValueOrDefault("logs"):N0} log records, {bundle.Records.GetValueOrDefault("metrics"):N0} points: all {acknowledged:N0} acknowledged spans, with {reachedBack:N0} traces that sampling had discarded before the incident; sha256 {bundle.ArchiveHash[..16]}...");
    }
}
