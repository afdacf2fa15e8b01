using System.Diagnostics;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Crash;

/// <summary>
/// Three tenants send three signals to a gateway that is killed at random moments, some of them while it starts, and started again, while
/// its target has moods of its own, and the way to its archive faults. At the end every acknowledged record is at the target or a dead letter,
/// and every one is in the archive, once.
/// </summary>
internal sealed class CrashRun(int kills, int seed, string durability, bool isInBucket)
{
    private const int KillsBetweenReports = 10;
    private static readonly TimeSpan s_drain = TimeSpan.FromMinutes(3);
    private static readonly TenantId[] s_tenants = [TenantId.Parse("acme"), TenantId.Parse("globex"), TenantId.Parse("initech")];

    private readonly Account _account = new();
    private readonly Random _random = new(seed);

    /// <summary>Whether nothing is missing.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine($"seed {seed}: {kills} kills, durability {durability}, archive in a {(isInBucket ? "bucket" : "folder")}");
        var folder = Directory.CreateTempSubdirectory("stella-crash-").FullName;
        try
        {
            await using var target = await Target.StartAsync(_account, seed);
            await using var archive = isInBucket ? await BucketArchive.StartAsync(seed) : (IArchive)new FolderArchive(folder);
            using var gateway = new Gateway(folder, durability, target.Url, archive.Settings, s_tenants);
            await KillAsync(gateway, target, cancellationToken);
            target.Mood = Mood.Up;
            archive.Heal();
            var isDrained = await DrainAsync(gateway, cancellationToken);
            return await ReportAsync(gateway, archive, isDrained, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task KillAsync(Gateway gateway, Target target, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var senders = Senders(gateway).ToList();
        var sending = senders.Select(s => s.RunAsync(stop.Token)).Append(ChangeMoodsAsync(target, stop.Token)).ToList();
        for (var kill = 1; kill <= kills && !cancellationToken.IsCancellationRequested; kill++)
        {
            gateway.Start();

            // One in five dies while it starts; the others some time after the first acknowledgement is possible.
            if (_random.Next(5) > 0)
            {
                await UntilReadyAsync(gateway, cancellationToken);
            }

            await Task.Delay(_random.Next(20, 2000), cancellationToken);
            if (!await gateway.KillAsync())
            {
                throw new InvalidOperationException($"the gateway ended by itself before kill {kill}:\n{gateway.Output}");
            }

            if (kill % KillsBetweenReports == 0)
            {
                Console.WriteLine($"{kill} kills, {_account.Count(f => (f & Fate.Acknowledged) != 0)} records acknowledged, {_account.Count(f => (f & Fate.Arrived) != 0)} arrived so far; target {target.Mood}");
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(sending);
        senders.ForEach(s => s.Dispose());
    }

    private IEnumerable<Sender> Senders(Gateway gateway)
    {
        var isGrpc = false;
        foreach (var tenant in s_tenants)
        {
            foreach (var signal in new[] { Signal.Traces, Signal.Metrics, Signal.Logs })
            {
                isGrpc = !isGrpc;
                yield return new Sender(_account, isGrpc ? gateway.GrpcUrl : gateway.HttpUrl, isGrpc, signal, gateway.Token(tenant.Value, KnownScopes.TelemetryWrite), new Random(_random.Next()));
            }
        }
    }

    /// <summary>Mostly short moods, now and then an outage that outlives several gateways.</summary>
    private async Task ChangeMoodsAsync(Target target, CancellationToken stop)
    {
        var random = new Random(seed + 1);
        while (!stop.IsCancellationRequested)
        {
            target.Mood = (Mood)random.Next(5);
            var length = target.Mood == Mood.Down && random.Next(4) == 0 ? random.Next(10_000, 20_000) : random.Next(200, 3000);
            await Task.Delay(length, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> DrainAsync(Gateway gateway, CancellationToken cancellationToken)
    {
        gateway.Start();
        await UntilReadyAsync(gateway, cancellationToken);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_drain && !cancellationToken.IsCancellationRequested)
        {
            Evidence.ReadDeadLetters(_account, gateway.DataPath);
            if (_account.Missing(Fate.Arrived | Fate.DeadLettered).Count == 0)
            {
                break;
            }

            await Task.Delay(500, cancellationToken);
        }

        return await gateway.StopAsync() == 0;
    }

    private async Task<bool> ReportAsync(Gateway gateway, IArchive archive, bool isStopped, CancellationToken cancellationToken)
    {
        var lettersWithout = Evidence.ReadDeadLetters(_account, gateway.DataPath);
        var twice = await Evidence.ReadArchiveAsync(_account, archive.Store, cancellationToken);
        var acknowledged = _account.Count(f => (f & Fate.Acknowledged) != 0);
        var arrived = _account.Count(f => (f & Fate.Acknowledged) != 0 && (f & Fate.Arrived) != 0);
        var letters = _account.Count(f => (f & Fate.Acknowledged) != 0 && (f & (Fate.Arrived | Fate.DeadLettered)) == Fate.DeadLettered);
        var missing = _account.Missing(Fate.Arrived | Fate.DeadLettered);
        var notArchived = _account.Missing(Fate.Archived);
        foreach (var (where, numbers) in new[] { ("target", missing), ("archive", notArchived) })
        {
            if (numbers.Count > 0)
            {
                Console.WriteLine($"missing at the {where}: {string.Join(' ', numbers.Take(20))}");
            }
        }

        if (!isStopped || missing.Count > 0 || notArchived.Count > 0 || twice > 0)
        {
            Console.WriteLine($"the gateway's last words:\n{gateway.Output}");
        }

        Console.WriteLine($"seed {seed}: {letters} records are dead letters with a reason, {lettersWithout} dead letters without one; {notArchived.Count} missing in the archive, {twice} there twice{archive.Struck}");
        Console.WriteLine($"{kills} kills, {acknowledged} records acknowledged, {arrived + letters} arrived, {missing.Count} missing");
        return isStopped && acknowledged > 0 && lettersWithout == 0 && missing.Count == 0 && notArchived.Count == 0 && twice == 0;
    }

    private static async Task UntilReadyAsync(Gateway gateway, CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); !await gateway.IsReadyAsync(); await Task.Delay(20, cancellationToken))
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new InvalidOperationException($"the gateway is not ready after a minute:\n{gateway.Output}");
            }
        }
    }
}
