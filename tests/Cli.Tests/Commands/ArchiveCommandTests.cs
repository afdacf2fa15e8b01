using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ArchiveCommandTests : IDisposable
{
    // 2026-03-01T10:30:00Z
    private const long HalfPastTen = 1_772_361_000_000_000_000;

    private const string Logs = """
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"logRecords":[
        {"timeUnixNano":"1772361000000000007","severityNumber":17,"body":{"stringValue":"card\u001b[31m refused"},"traceId":"AQEBAQEBAQEBAQEBAQEBAQ==","spanId":"AgICAgICAgI="},
        {"timeUnixNano":"1772361000000000008","severityNumber":9,"body":{"kvlistValue":{"values":[{"key":"order","value":{"intValue":"4711"}}]}}}]}]}]}
        """;

    private const string Spans = """
        {"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"GET /cart","startTimeUnixNano":"1772361000000000000","endTimeUnixNano":"1772361000012500000","status":{"code":2},
        "attributes":[{"key":"http.response.status_code","value":{"intValue":"500"}}]}]}]}]}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-cli-archive-");
    private string[] Window => ["--tenant", "acme", "--from", "2026-03-01T10:00:00Z", "--to", "2026-03-01T11:00:00Z", "--path", _folder.FullName];

    [Fact]
    public async Task Search_AFolder_ShowsRowsForPeopleAndLinesForMachines()
    {
        await WriteAsync();

        var (table, error, code) = await RunAsync(["telemetry", "archive", "search", .. Window]);
        var (json, _, _) = await RunAsync(["telemetry", "archive", "search", .. Window, "--text", "4711", "--output", "json"]);
        var (yaml, _, _) = await RunAsync(["telemetry", "archive", "search", .. Window, "--attr", "http.response.status_code=500", "--output", "yaml"]);

        Assert.Equal(
            [
                "TIME                            SERVICE               TRACE                             SPAN              WHAT",
                Row("2026-03-01T10:30:00.000000000Z", "-", "", "", "GET /cart 12.5 ms ERROR"),
                Row("2026-03-01T10:30:00.000000007Z", "shop", "01010101010101010101010101010101", "0202020202020202", "ERROR card [31m refused"),
                Row("2026-03-01T10:30:00.000000008Z", "shop", "", "", """INFO {"values":[{"key":"order","value":{"intValue":"4711"}}]}"""),
            ],
            table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd()));
        Assert.Equal(0, code);
        Assert.StartsWith("3 found in 3 records; 2 segments", error, StringComparison.Ordinal);
        var lines = json.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal((2, 1, true), (lines.Count, lines[0].GetProperty("index").GetInt32(), lines[1].GetProperty("summary").GetProperty("complete").GetBoolean()));
        Assert.StartsWith("---\nsignal: traces\n", yaml.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_DamagedSegment_IsThreeAndNamesIt()
    {
        await WriteAsync();
        var segment = Directory.EnumerateFiles(_folder.FullName, "*.otlp.zst", SearchOption.AllDirectories).First(f => f.Contains("traces", StringComparison.Ordinal));
        await File.WriteAllBytesAsync(segment, [.. (await File.ReadAllBytesAsync(segment))[..^1], 0]);

        var (table, error, code) = await RunAsync(["telemetry", "archive", "search", .. Window]);

        Assert.Equal(3, code);
        Assert.DoesNotContain("GET /cart", table, StringComparison.Ordinal);
        Assert.Contains("left out: 'archive/v1/acme/traces/", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_AFolder_WritesTheCollectorsForm_AndReplacesNothingUnasked()
    {
        await WriteAsync();
        var file = Path.Combine(_folder.FullName, "out", "acme.jsonl");

        Assert.Equal(0, (await RunAsync(["telemetry", "archive", "export", .. Window, "-o", file])).Code);
        var (_, error, again) = await RunAsync(["telemetry", "archive", "export", .. Window, "-o", file]);
        Assert.Equal((2, true), (again, error.Contains("--force", StringComparison.Ordinal)));
        Assert.Equal(2, (await RunAsync(["telemetry", "archive", "export", .. Window, "-o", file, "--force", "--format", "proto"])).Code);
        Assert.Equal(["resourceSpans", "resourceLogs"], File.ReadLines(file).Select(l => JsonDocument.Parse(l).RootElement.EnumerateObject().Single().Name));

        Assert.Equal(0, (await RunAsync(["telemetry", "archive", "export", .. Window, "-o", file, "--force", "--format", "proto", "--signal", "logs"])).Code);
        Assert.Equal(2, ExportLogsServiceRequest.Parser.ParseFrom((await File.ReadAllBytesAsync(file))[4..]).ResourceLogs[0].ScopeLogs[0].LogRecords.Count);
        Assert.Equal([file], Directory.EnumerateFiles(Path.GetDirectoryName(file)!));
    }

    [Theory]
    [InlineData("search", "--trace", "xyz")]
    [InlineData("search", "--severity", "loud")]
    [InlineData("search", "--attr", "novalue")]
    [InlineData("search", "--limit", "0")]
    [InlineData("search", "--signal", "profiles")]
    [InlineData("search", "--path", "no-such-folder")]
    [InlineData("export", "-o", "x", "--path", "no-such-folder")]
    [InlineData("export")]
    public async Task WrongUsage_IsTwo(string command, params string[] args)
    {
        var cli = new CliRun { WorkingDirectory = _folder.FullName };

        Assert.Equal(2, await cli.RunAsync(["telemetry", "archive", command, "--tenant", "acme", "--from", "-1h", .. args]));
        Assert.StartsWith("error: ", cli.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "x")));
    }

    [Fact]
    public async Task Search_AnswerThatIsCut_IsToldFromAWholeOne()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/api/v1/archive/search", () => TypedResults.Text("", "application/x-ndjson"));
        await using var service = await RunningService.StartAsync(app);
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "x" } };

        Assert.Equal(5, await cli.RunAsync("telemetry", "archive", "search", "--tenant", "acme", "--from", "-1h", "--url", service.Url.ToString()));
        Assert.Contains("the answer was cut", cli.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<(string Out, string Error, int Code)> RunAsync(string[] args)
    {
        var cli = new CliRun();
        var code = await cli.RunAsync(args);
        return (cli.Out, cli.Error, code);
    }

    private static string Row(string time, string service, string trace, string span, string what) => $"{time}  {service,-20}  {trace,-32}  {span,-16}  {what}";

    private async Task WriteAsync()
    {
        var store = new FolderObjectStore(_folder.FullName);
        await WriteAsync(store, Signal.Traces, 1, 1, ExportTraceServiceRequest.Parser.ParseJson(Spans).ToByteArray());
        await WriteAsync(store, Signal.Logs, 2, 2, ExportLogsServiceRequest.Parser.ParseJson(Logs).ToByteArray());
    }

    private async Task WriteAsync(FolderObjectStore store, Signal signal, ulong sequence, int records, byte[] payload)
    {
        using var writer = new SegmentWriter(TenantId.Parse("acme"), signal, "gw-1", KnownTiers.Default, Path.Combine(_folder.FullName, ".spool"));
        writer.Append(
            new Envelope
            {
                GatewayId = "gw-1",
                Sequence = sequence,
                AcceptedAtUnixNano = HalfPastTen,
                Tenant = TenantId.Parse("acme"),
                Signal = signal,
                ProfileHash = new byte[Envelope.ProfileHashLength],
                RecordCount = records,
                BatchHash = Encoding.ASCII.GetBytes("0123456789abcdef"),
            },
            payload);
        await writer.CompleteAsync(store, CancellationToken.None);
    }
}
