using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Benchmarks.Load;
using StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>Runs the connections and answers commands.</summary>
internal sealed class Session
{
    private const int FewConnections = 16;

    private readonly ManualResetEventSlim _stop = new();
    private readonly Schedule _schedule;
    private readonly ILoop[] _loops;
    private readonly Thread[] _threads;
    private long[] _lastLatency = LatencyHistogram.NewSum();

    private Session(GeneratorOptions options)
    {
        var templates = LoadPool.Create(options.Signal);
        if (options.Connections > FewConnections)
        {
            // Every connection has requests of its own: of many, one variation has to do.
            templates = templates[..TraceLoad.Parts];
        }

        var seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        _schedule = new Schedule(templates[0].Records, options.Rate);
        _loops = [.. Enumerable.Range(0, options.Connections).Select(_ => NewLoop(options, new RequestSet(options, templates, seed)))];
        _threads = [.. _loops.Select(l => new Thread(l.Run))];
        Print(new { ready = true, bytes_per_request = templates.Average(t => t.Bytes.Length), records_per_request = templates[0].Records });
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    public static int Run(GeneratorOptions options)
    {
        var session = new Session(options);
        while (Console.In.ReadLine() is { } command and not "stop")
        {
            if (command.StartsWith("rate ", StringComparison.Ordinal))
            {
                session._schedule.SetRate(double.Parse(command.AsSpan(5), CultureInfo.InvariantCulture));
            }
            else
            {
                session.Mark();
            }
        }

        session._stop.Set();
        foreach (var thread in session._threads)
        {
            thread.Join();
        }

        session.Mark();
        return 0;
    }

    private ILoop NewLoop(GeneratorOptions options, RequestSet requests) => options.OpenLoopInFlight > 0
        ? new OpenLoop(options, requests, _schedule, _stop)
        : new ClosedLoop(options, requests, _schedule, _stop);

    /// <summary>Latency is of what was acknowledged since the last mark, all else since the beginning.</summary>
    private void Mark()
    {
        var totals = new Totals();
        foreach (var loop in _loops)
        {
            loop.Counters.AddTo(totals);
        }

        var latency = totals.Latency.Zip(_lastLatency, (now, then) => now - then).ToArray();
        _lastLatency = totals.Latency;
        Print(new
        {
            acknowledged = totals.Acknowledged,
            requests = totals.Requests.Sum(),
            refused = totals.Requests[(int)Answer.Refused] + totals.Requests[(int)Answer.RefusedWithDelay],
            refused_with_delay = totals.Requests[(int)Answer.RefusedWithDelay],
            failed = totals.Requests[(int)Answer.Failed],
            lost = totals.Requests[(int)Answer.Lost],
            withheld = totals.Withheld,
            p50_ms = Math.Round(LatencyHistogram.Percentile(latency, 0.5), 3),
            p99_ms = Math.Round(LatencyHistogram.Percentile(latency, 0.99), 3),
            max_ms = Math.Round(LatencyHistogram.Percentile(latency, 1), 3),
        });
    }

    private static void Print<T>(T line)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(line));
        Console.Out.Flush();
    }
}
