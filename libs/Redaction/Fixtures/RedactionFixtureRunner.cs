using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Redaction.Fixtures;

/// <summary>Runs cases over this library. Every case is redacted twice: the second time must change nothing.</summary>
public static class RedactionFixtureRunner
{
    private static readonly JsonWriterOptions s_readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Runs one case under its own policy, or under the one given where it has none.</summary>
    public static RedactionFixtureResult Run(RedactionFixture fixture, RedactionPolicy? policy = null)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        CompiledPolicy compiled;
        try
        {
            if (fixture.PolicyFaults.Count > 0)
            {
                throw new RedactionPolicyException(fixture.PolicyFaults);
            }

            compiled = CompiledPolicy.Compile(fixture.Policy ?? policy ?? throw new FormatException($"{fixture.Name}: no policy"), fixture.Secrets);
        }
        catch (RedactionPolicyException e)
        {
            return Result(fixture, fixture.IsRefused ? [] : e.Faults.Select(f => "the policy is refused: " + f));
        }

        return fixture.IsRefused ? Result(fixture, ["the policy was to be refused"]) : Redact(fixture, new Redactor(compiled));
    }

    private static RedactionFixtureResult Redact(RedactionFixture fixture, Redactor redactor)
    {
        var counters = new RedactionCounters(redactor.Policy);
        if (!TryRedact(redactor, fixture, fixture.Input, counters, out var once) || !TryRedact(redactor, fixture, once, new RedactionCounters(redactor.Policy), out var twice))
        {
            return Result(fixture, ["the input is no request of its signal"]);
        }

        var failures = new List<string>();
        if (!once.Span.SequenceEqual(twice.Span))
        {
            failures.Add("a second redaction changes the result to: " + Json(fixture.Signal, twice, default));
        }

        var output = Json(fixture.Signal, once, s_readable);
        if (fixture.Expected is { } expected && !JsonNode.DeepEquals(JsonNode.Parse(Json(fixture.Signal, expected, default)), JsonNode.Parse(output)))
        {
            failures.Add("expected: " + Json(fixture.Signal, expected, s_readable) + "\nbut was: " + output);
        }

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < counters.Rules.Count; i++)
        {
            if (counters[i] > 0)
            {
                counts[counters.Rules[i]] = counters[i];
            }
        }

        foreach (var (rule, count) in fixture.Counts ?? counts)
        {
            if (counts.GetValueOrDefault(rule) != count)
            {
                failures.Add($"rule '{rule}' was to act {count} times but did {counts.GetValueOrDefault(rule)} times");
            }
        }

        var changes = RequestDifference.Between(JsonNode.Parse(Json(fixture.Signal, fixture.Input, default)), JsonNode.Parse(output));
        return new RedactionFixtureResult(fixture.Name, failures, counts, changes, output);
    }

    private static bool TryRedact(Redactor redactor, RedactionFixture fixture, ReadOnlyMemory<byte> request, RedactionCounters counters, out ReadOnlyMemory<byte> redacted)
    {
        var output = new ArrayBufferWriter<byte>();
        var outcome = redactor.Redact(fixture.Signal, fixture.Tenant, request.Span, output, counters);
        redacted = outcome == RedactionOutcome.Changed ? output.WrittenMemory : request;
        return outcome != RedactionOutcome.Malformed;
    }

    private static string Json(OtlpSignal signal, ReadOnlyMemory<byte> request, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            if (!OtlpJsonWriter.TryWrite(signal, request.Span, writer))
            {
                throw new FormatException("not a request");
            }
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static RedactionFixtureResult Result(RedactionFixture fixture, IEnumerable<string> failures) =>
        new(fixture.Name, [.. failures], new Dictionary<string, long>(), [], "");
}
