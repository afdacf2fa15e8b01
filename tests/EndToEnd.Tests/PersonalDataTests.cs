using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>
/// Personal data in every place of every signal, in every form of OTLP, is nowhere in what the stack keeps and hands out; with the policy
/// off the same search finds all of it.
/// </summary>
[Collection(nameof(SharedStackCollection))]
public sealed class PersonalDataTests(SharedStack shared)
{
    private const int Forms = 3;
    private static readonly string[] s_signals = ["traces", "logs", "metrics"];

    /// <summary>As in <see cref="PersonalData.Needles"/>, each with a name of its own.</summary>
    private static readonly IReadOnlyList<(string Name, byte[] Needle)> s_needles = [.. PersonalData.Needles.Select((n, i) => ($"{n.Name} ({i})", n.Needle))];

    [Fact]
    public async Task Baseline_SeedsInEveryPlace_AreNowhere()
    {
        var folder = Directory.CreateTempSubdirectory("stella-personal-").FullName;
        try
        {
            var bundle = await SendAndCaptureAsync(shared.Stack, folder, TestContext.Current.CancellationToken);

            foreach (var kept in (string[])["gateway", "archive", "bundles", "logs", "postgres"])
            {
                var (_, files, bytes) = PersonalDataSearch.Search(Path.Combine(shared.Stack.StateDirectory, kept), []);
                Assert.True(files > 0 && bytes > 0, $"nothing is searched in {kept}");
            }

            Assert.Empty(PersonalDataSearch.Search(shared.Stack.StateDirectory, s_needles).Hits);
            Assert.Empty(PersonalDataSearch.Search(folder, s_needles).Hits);
            foreach (var (signal, content) in ContentBySignal(bundle))
            {
                // Masks would merge series that are distinct: metrics have pseudonyms.
                var marks = signal == "metrics" ? (string[])["[hmac:"] : ["[email]", "[card]", "[ipv4]", "[ipv6]", "[token]", "[national-id]", "[hmac:"];
                Assert.All(marks, m => Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(m)) >= 0, $"no {m} in {signal}"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task NoRedaction_TheSameSearch_FindsEverySeed()
    {
        var scratch = Directory.CreateTempSubdirectory("stella-control-").FullName;
        try
        {
            var profile = Path.Combine(scratch, "unredacted.yaml");
            var document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "profiles", "default.yaml"), TestContext.Current.CancellationToken);
            Assert.Contains("\n  redaction: baseline\n", document, StringComparison.Ordinal);
            await File.WriteAllTextAsync(
                profile, document.Replace("\n  redaction: baseline\n", "\n  redaction: none\n", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            await using var process = await StackProcess.StartAsync(null, "--profile", profile);
            using var stack = await RunningStack.OpenAsync(process.StateDirectory);
            var folder = Directory.CreateDirectory(Path.Combine(scratch, "bundle")).FullName;
            var bundle = await SendAndCaptureAsync(stack, folder, TestContext.Current.CancellationToken);

            foreach (var kept in (string[])["gateway", "archive", "bundles"])
            {
                AssertAllFound(kept, PersonalDataSearch.Search(Path.Combine(stack.StateDirectory, kept), s_needles).Hits.Select(h => h.Name));
            }

            AssertAllFound("the bundle", PersonalDataSearch.Search(folder, s_needles).Hits.Select(h => h.Name));
            foreach (var (signal, content) in ContentBySignal(bundle))
            {
                // A span and a log record have no measurement, so no integer of fixed width.
                var needles = s_needles.Where(n => signal == "metrics" || !n.Name.StartsWith("card as fixed64", StringComparison.Ordinal));
                Assert.All(needles, n => Assert.True(content.AsSpan().IndexOf(n.Needle) >= 0, $"no {n.Name} in {signal}"));
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Sends the seeds in each form of OTLP, waits until they went the whole way, and captures them.</summary>
    private static async Task<CapturedBundle> SendAndCaptureAsync(RunningStack stack, string folder, CancellationToken cancellationToken)
    {
        var tenant = await stack.AddTenantAsync(SharedStack.NewTenantName("seeded"));
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        var from = TimeProvider.System.GetUtcNow();
        await SendHttpAsync(tenant, "application/x-protobuf", m => m.ToByteArray(), HttpStatusCode.OK, cancellationToken);
        await SendHttpAsync(tenant, "application/json", OtlpJsonText.Of, HttpStatusCode.OK, cancellationToken);
        await SendGrpcAsync(stack.GrpcUrl, tenant.IngestKey, cancellationToken);

        // What is refused is not kept either, not even in a log file.
        await SendHttpAsync(tenant, "application/x-protobuf", m => m.ToByteArray()[..^9], HttpStatusCode.BadRequest, cancellationToken);
        await SendHttpAsync(tenant, "application/json", m => OtlpJsonText.Of(m)[..^9], HttpStatusCode.BadRequest, cancellationToken);

        var expected = new Dictionary<string, long>
        {
            ["traces"] = Forms * SeededTelemetry.Records.Spans,
            ["logs"] = Forms * SeededTelemetry.Records.Logs,
            ["metrics"] = Forms * SeededTelemetry.Records.Points,
        };
        await Eventually.HoldsAsync(
            async () =>
            {
                var ledger = await stack.Gateway.GetLedgerAsync(TenantId.Parse(tenant.Name), null, null, cancellationToken);
                var exporters = (await stack.Gateway.GetSelfAsync(cancellationToken)).Exporters;
                return ledger.Rows.Sum(r => r.Kept) == expected.Values.Sum() && exporters.All(e => e.PendingRecords == 0);
            },
            TimeSpan.FromSeconds(60),
            "all is decided, kept and exported");
        var bundle = await stack.CaptureAsync(tenant.Name, from, TimeProvider.System.GetUtcNow(), folder);
        Assert.Equal(expected, bundle.Records);
        Assert.Empty(bundle.Gaps);
        return bundle;
    }

    private static async Task SendHttpAsync(TenantSender tenant, string contentType, Func<IMessage, byte[]> write, HttpStatusCode answer, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        var seeds = new SeededTelemetry();
        foreach (var (signal, request) in s_signals.Zip((IMessage[])[seeds.Traces, seeds.Logs, seeds.Metrics]))
        {
            Assert.Equal((signal, answer), (signal, await tenant.PostAsync(client, signal, write(request), contentType, cancellationToken)));
        }
    }

    private static async Task SendGrpcAsync(Uri url, string ingestKey, CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(url);
        var seeds = new SeededTelemetry();
        var headers = new Metadata { { "authorization", "Bearer " + ingestKey } };
        Assert.Null((await new TraceService.TraceServiceClient(channel).ExportAsync(seeds.Traces, headers, cancellationToken: cancellationToken)).PartialSuccess);
        Assert.Null((await new LogsService.LogsServiceClient(channel).ExportAsync(seeds.Logs, headers, cancellationToken: cancellationToken)).PartialSuccess);
        Assert.Null((await new MetricsService.MetricsServiceClient(channel).ExportAsync(seeds.Metrics, headers, cancellationToken: cancellationToken)).PartialSuccess);
    }

    private static Dictionary<string, byte[]> ContentBySignal(CapturedBundle bundle)
    {
        var parts = bundle.Archives.SelectMany(PersonalDataSearch.ReadBundle).ToList();
        return s_signals.ToDictionary(s => s, s => parts.Where(p => p.Key.StartsWith("data/" + s, StringComparison.Ordinal)).SelectMany(p => p.Value).ToArray());
    }

    private static void AssertAllFound(string where, IEnumerable<string> found) =>
        Assert.Equal((where, ""), (where, string.Join(", ", s_needles.Select(n => n.Name).Except(found))));
}
