using System.Diagnostics;
using System.Globalization;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.ArchiveCrash;

/// <summary>Kills a worker again and again with SIGKILL, and after each kill scrubs the archive and looks for every sequence that was said to be in it.</summary>
internal sealed class ArchiveCrashRun(int kills, int seed)
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly ScrubManner s_soon = ScrubManner.Plain with { Settle = TimeSpan.FromDays(36500) };

    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("stella-archive-crash-").FullName;
        using var identities = new TestIdentities();
        try
        {
            return await RunAsync(folder, identities, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<bool> RunAsync(string folder, TestIdentities identities, CancellationToken cancellationToken)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {kills} kills"));
        var random = new Random(seed);
        var next = 1UL;
        var (findings, missing, notes, joined) = (0L, 0L, 0L, 0L);
        RootHead? head = null;
        for (var kill = 1; kill <= kills; kill++)
        {
            next = await WorkAsync(folder, identities, next, random.Next(1, 5), TimeSpan.FromMilliseconds(random.Next(0, 80)), cancellationToken);

            var report = await ScrubAsync(folder, identities, head, s_soon, cancellationToken);
            head = report.Heads.GetValueOrDefault(Worker.Tenant.Value) ?? head;
            var lost = await MissingAsync(folder, next, cancellationToken);
            (findings, missing, notes, joined) = (findings + report.FindingCount, missing + lost, notes + report.Notes.Count, report.Tombstones);
            if (report.FindingCount + lost > 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill {kill}: {lost} missing\n{string.Join('\n', report.Findings)}"));
            }
            else if (kill % 20 == 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill {kill}: {next - 1} sequences, {report.Chunks} chunks, {report.Tombstones} tombstones, root {head?.Number}, {report.Notes.Count} leftovers"));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{kills} kills, {next - 1} records acknowledged, {missing} missing, {findings} findings, {notes} leftovers met, {joined} chunks joined, {head?.Number ?? 0} roots"));

        // A run that never came to joining or signing shows nothing of them.
        return findings + missing == 0 && joined > 0 && head is not null;
    }

    /// <summary>Runs a worker until some time after it wrote so many chunks; the first sequence that it said nothing of.</summary>
    private static async Task<ulong> WorkAsync(string folder, TestIdentities identities, ulong next, int chunks, TimeSpan after, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { typeof(Worker).Assembly.Location, "work", folder, identities.KeyFile(KnownServices.CaptureWorker), identities.TrustFile, next.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_startLimit);
            for (var chunk = 0; chunk < chunks; chunk++)
            {
                next = NextAfter(await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("the worker ended by itself"));
            }

            await Task.Delay(after, cancellationToken);
        }
        finally
        {
            // SIGKILL.
            process.Kill();
        }

        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            next = NextAfter(line);
        }

        await process.WaitForExitAsync(cancellationToken);
        return next;
    }

    private static ulong NextAfter(string line) => line.Split(' ') is ["ack", var first, var frames]
        ? ulong.Parse(first, CultureInfo.InvariantCulture) + ulong.Parse(frames, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"the worker said '{line}'");

    private static async Task<ScrubReport> ScrubAsync(string folder, TestIdentities identities, RootHead? head, ScrubManner manner, CancellationToken cancellationToken)
    {
        var tally = new ScrubTally();
        await new ArchiveScrubber(FolderObjectStore.OpenForReading(folder), identities.Trust, manner with { KnownHead = _ => head }, TimeProvider.System).RunAsync(
            new ScrubScope(), tally, null, _ => Task.CompletedTask, cancellationToken);
        return tally.ToReport();
    }

    private static async Task<long> MissingAsync(string folder, ulong next, CancellationToken cancellationToken)
    {
        var store = FolderObjectStore.OpenForReading(folder);
        var seen = new HashSet<ulong>();
        await foreach (var manifest in new ArchiveCatalog(store).FindAsync(Worker.Tenant, [Signal.Logs], Worker.AcceptedAt, Worker.AcceptedAt + 1_000_000_000, null, cancellationToken))
        {
            await foreach (var (envelope, _) in SegmentReader.ReadAsync(store, manifest, cancellationToken))
            {
                seen.Add(envelope.Sequence);
            }
        }

        var missing = 0L;
        for (var sequence = 1UL; sequence < next; sequence++)
        {
            missing += seen.Contains(sequence) ? 0 : 1;
        }

        return missing;
    }
}
