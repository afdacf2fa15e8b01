using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Redaction;
using StellaOps.Telemetry.Redaction.Fixtures;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileTestRedactionCommand : StellaCommand
{
    private readonly Argument<string> _policy = new("policy") { Description = "A policy of profiles/redaction by name, or a file." };

    private readonly Argument<string[]> _files = new("file")
    {
        Description = "Case files (tests/Conformance.Tests/README.md), or requests in OTLP/JSON.",
        Arity = ArgumentArity.OneOrMore,
    };

    public ProfileTestRedactionCommand(CliHost host)
        : base(host, "test-redaction", "Shows what a redaction policy makes of samples, and whether that is what their cases expect.")
    {
        Arguments.Add(_policy);
        Arguments.Add(_files);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile test-redaction baseline sample.json",
        "stella telemetry profile test-redaction ./mine.yaml cases/*.yaml --output json",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var policy = Load(context);
        if (policy is null)
        {
            return Task.FromResult(CliExitCodes.VerificationFailed);
        }

        var reports = context.Arguments.GetRequiredValue(_files)
            .SelectMany(f => Read(context.Host, f))
            .Select(fixture => ReportOf(RedactionFixtureRunner.Run(fixture, policy)))
            .ToList();
        context.Output.Print(reports, CliJson.Default.IReadOnlyListRedactionCaseReport, Table);
        var failed = reports.Count(r => !r.Passed);
        foreach (var failure in reports.SelectMany(r => r.Failures.Select(f => $"{r.Case}: {f}")))
        {
            context.Output.Note(failure);
        }

        context.Output.Say($"{reports.Count - failed} passed, {failed} failed");
        return Task.FromResult(failed == 0 ? CliExitCodes.Done : CliExitCodes.VerificationFailed);
    }

    private RedactionPolicy? Load(CommandContext context)
    {
        using var text = File.OpenText(ProfileFolder.FindRedactionPolicy(context.Host, context.Arguments.GetRequiredValue(_policy)));
        try
        {
            return RedactionPolicyLoader.Load(text);
        }
        catch (RedactionPolicyException e)
        {
            foreach (var fault in e.Faults)
            {
                context.Output.Note(fault.ToString());
            }

            return null;
        }
    }

    private static IReadOnlyList<RedactionFixture> Read(CliHost host, string file)
    {
        var path = Path.GetFullPath(file, host.WorkingDirectory);
        if (!File.Exists(path))
        {
            throw CliException.Usage($"there is no file '{file}'", "name case files, or requests in OTLP/JSON");
        }

        using var text = File.OpenText(path);
        try
        {
            return RedactionFixtureReader.Read(text, Path.GetFileName(file));
        }
        catch (FormatException e)
        {
            throw CliException.Usage(e.Message, "tests/Conformance.Tests/README.md says what a case file holds");
        }
    }

    private static RedactionCaseReport ReportOf(RedactionFixtureResult result) =>
        new(result.Name, result.IsPassed, result.Failures, result.Counts, [.. result.Changes.Select(c => new RedactionPlaceReport(c.Place, c.Before, c.After))]);

    private static Table Table(IReadOnlyList<RedactionCaseReport> reports)
    {
        var table = OutputWriter.NewTable("CASE", "RESULT", "RULES", "PLACE", "BEFORE", "AFTER");
        foreach (var report in reports)
        {
            table.AddRow(
                Markup.Escape(report.Case),
                report.Passed ? "passed" : "failed",
                Markup.Escape(string.Join(", ", report.Rules.Select(r => $"{r.Key} {r.Value}"))),
                report.Places.Count == 0 ? "nothing changed" : "",
                "",
                "");
            foreach (var place in report.Places)
            {
                table.AddRow("", "", "", Markup.Escape(place.Place), Markup.Escape(place.Before ?? "-"), Markup.Escape(place.After ?? "-"));
            }
        }

        return table;
    }
}
