using System.Globalization;
using System.Text;
using System.Text.Json;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>A record of a search's answer as a line for people: time, service, ids, and what it says.</summary>
internal static class SearchRow
{
    public const string Header = "TIME                            SERVICE               TRACE                             SPAN              WHAT";

    private const int MaxText = 400;
    private static readonly string[] s_severities = ["", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

    public static string Of(JsonElement hit)
    {
        if (!hit.TryGetProperty("otlp", out var otlp))
        {
            return Row(null, "", "", "", "(no form in JSON: see --output json)");
        }

        var group = otlp.EnumerateObject().First().Value[0];
        var scope = First(group, "scopeSpans", "scopeLogs", "scopeMetrics");
        var service = Attribute(group, "service.name");
        if (scope.TryGetProperty("spans", out var spans))
        {
            return OfSpan(service, spans[0]);
        }

        return scope.TryGetProperty("logRecords", out var logs) ? OfLog(service, logs[0]) : OfPoint(service, scope.GetProperty("metrics")[0]);
    }

    private static string OfSpan(string service, JsonElement span)
    {
        var (start, end) = (Nano(span, "startTimeUnixNano"), Nano(span, "endTimeUnixNano"));
        var isError = span.TryGetProperty("status", out var status) && status.TryGetProperty("code", out var code) && code.GetInt32() == 2;
        var milliseconds = end > start ? (end - start) / 1e6 : 0;
        return Row(
            start, service, Text(span, "traceId"), Text(span, "spanId"), string.Create(CultureInfo.InvariantCulture, $"{Text(span, "name")} {milliseconds:0.###} ms{(isError ? " ERROR" : "")}"));
    }

    private static string OfLog(string service, JsonElement log)
    {
        var time = Nano(log, "timeUnixNano") is > 0 and var own ? own : Nano(log, "observedTimeUnixNano");
        var number = log.TryGetProperty("severityNumber", out var severity) ? severity.GetInt32() : 0;
        var name = number is > 0 and <= 24 ? s_severities[((number - 1) / 4) + 1] : Text(log, "severityText");
        var body = log.TryGetProperty("body", out var any) ? Value(any) : "";
        return Row(time, service, Text(log, "traceId"), Text(log, "spanId"), $"{name} {body}".Trim());
    }

    private static string OfPoint(string service, JsonElement metric)
    {
        var data = First(metric, "gauge", "sum", "histogram", "exponentialHistogram", "summary", inList: false);
        var point = data.GetProperty("dataPoints")[0];
        var value = point.TryGetProperty("asInt", out var integer) ? integer.ToString()
            : point.TryGetProperty("asDouble", out var number) ? number.ToString()
            : $"count {Text(point, "count")} sum {(point.TryGetProperty("sum", out var sum) ? sum.ToString() : "-")}";
        return Row(Nano(point, "timeUnixNano"), service, "", "", $"{Text(metric, "name")} {value} {Text(metric, "unit")}".TrimEnd());
    }

    private static string Row(ulong? unixNano, string service, string trace, string span, string what) =>
        $"{Time(unixNano),-30}  {Plain(service),-20}  {trace,-32}  {span,-16}  {Plain(what)}";

    private static JsonElement First(JsonElement parent, string a, string b, string c, string? d = null, string? e = null, bool inList = true)
    {
        foreach (var name in (string?[])[a, b, c, d, e])
        {
            if (name is not null && parent.TryGetProperty(name, out var found))
            {
                return inList ? found[0] : found;
            }
        }

        throw new InvalidDataException("the answer holds a record of no known form");
    }

    private static string Attribute(JsonElement group, string key)
    {
        if (group.TryGetProperty("resource", out var resource) && resource.TryGetProperty("attributes", out var attributes))
        {
            foreach (var attribute in attributes.EnumerateArray())
            {
                if (Text(attribute, "key") == key && attribute.TryGetProperty("value", out var value))
                {
                    return Value(value);
                }
            }
        }

        return "-";
    }

    // A scalar by itself, anything else as JSON.
    private static string Value(JsonElement any)
    {
        foreach (var value in any.EnumerateObject())
        {
            return value.Value.ValueKind == JsonValueKind.Object ? value.Value.GetRawText() : value.Value.ToString();
        }

        return "";
    }

    private static string Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static ulong Nano(JsonElement parent, string name) => ulong.TryParse(Text(parent, name), NumberStyles.None, CultureInfo.InvariantCulture, out var nano) ? nano : 0;

    private static string Time(ulong? unixNano) => unixNano is > 0 and <= long.MaxValue
        ? DateTimeOffset.UnixEpoch.AddTicks((long)(unixNano / 100)).ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture)
            + string.Create(CultureInfo.InvariantCulture, $"{unixNano % 100:00}Z")
        : "-";

    // What a sender wrote must not steer a terminal, and stays on its line.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(Math.Min(text.Length, MaxText + 1));
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxText)))
        {
            plain.Append(char.IsControl(c) ? ' ' : c);
        }

        return text.Length > MaxText ? plain.Append('…').ToString() : plain.ToString();
    }
}
