using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>Prints a search's answer as it comes.</summary>
internal sealed class SearchOutput(CommandContext context)
{
    // Values nest, and each level is three of JSON.
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 1000 };

    private readonly SlowNote _slow = new(context.Host);
    private bool _hasHeader;

    /// <summary>What the search was worth; null when the answer was cut before it said so.</summary>
    public ArchiveSearchSummary? Summary { get; private set; }

    public void Take(string line)
    {
        using var document = JsonDocument.Parse(line, s_deep);
        var root = document.RootElement;
        if (root.TryGetProperty("progress", out var progress))
        {
            var so = progress.Deserialize(ContractsJson.Default.ArchiveSearchSummary)!;
            _slow.Tell(() => string.Create(CultureInfo.InvariantCulture, $"searching: {so.Done:P0} of the window, {so.ContentBytes / 1e9:0.00} GB read, {so.Found} found"));
            return;
        }

        if (root.TryGetProperty("summary", out var summary))
        {
            Summary = summary.Deserialize(ContractsJson.Default.ArchiveSearchSummary);
        }

        _slow.Clear();
        Print(line, root);
    }

    /// <summary>Says what the search was worth, and gives the exit code.</summary>
    public int End()
    {
        if (Summary is not { } s)
        {
            throw new CliException(CliExitCodes.Unreachable, "the answer was cut: what was shown is not all", "search again; see the capture worker's log when it stays so");
        }

        context.Output.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{s.Found} found in {s.RecordsScanned} records; {s.SegmentsScanned} segments ({s.ContentBytes / 1e6:0.0} MB) read, {s.SegmentsPruned} ruled out by their manifests{(s.SegmentsSkipped > 0 ? $", {s.SegmentsSkipped} not needed" : "")}"));
        if (s.Limited)
        {
            context.Output.Note("the limit was met: there may be more. Raise --limit, or begin where this ended (--from)");
        }

        foreach (var damage in s.Damages)
        {
            context.Output.Note("left out: " + damage);
        }

        if (s.Failure is not null)
        {
            throw new CliException(CliExitCodes.Failed, $"the search ended early: {s.Failure}", "what was shown is not all; search again");
        }

        return s.SegmentsDamaged > 0 ? CliExitCodes.VerificationFailed : CliExitCodes.Done;
    }

    private void Print(string line, JsonElement root)
    {
        var output = context.Host.Out;
        switch (context.Output.Format)
        {
            case OutputFormat.Json:
                output.WriteLine(line);
                break;
            case OutputFormat.Yaml:
                output.WriteLine("---");
                context.Output.Print(root, CliJson.Default.JsonElement, _ => OutputWriter.NewTable());
                break;
            default:
                if (!_hasHeader)
                {
                    output.WriteLine(SearchRow.Header);
                    _hasHeader = true;
                }

                if (root.TryGetProperty("signal", out _))
                {
                    output.WriteLine(SearchRow.Of(root));
                }

                break;
        }
    }
}
