using System.Diagnostics;
using System.Net.Sockets;
using StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>
/// One gRPC connection on which requests leave when they are due, whether answers come or not, up to a bound in flight. Latency counts from
/// the due time: a receiver that stalls the sender shows.
/// </summary>
internal sealed class OpenLoop(GeneratorOptions options, RequestSet requests, Schedule schedule, ManualResetEventSlim stop) : ILoop
{
    /// <summary>A power of two above any bound: slots of streams in flight.</summary>
    private const int Slots = 8192;
    private const int AfterLossMs = 200;

    private readonly long[] _due = new long[Slots];
    private readonly int[] _records = new int[Slots];
    private int _inFlight;

    public Counters Counters { get; } = new();

    public void Run()
    {
        while (!stop.IsSet)
        {
            try
            {
                using var link = new Http2Link(options.Target) { Answered = OnAnswered };
                var receiver = new Thread(() => Receive(link));
                receiver.Start();
                Send(link);
                var patience = Stopwatch.GetTimestamp();
                while (Volatile.Read(ref _inFlight) > 0 && Stopwatch.GetElapsedTime(patience).TotalSeconds < 10 && receiver.IsAlive)
                {
                    receiver.Join(1);
                }

                link.Shutdown();
                receiver.Join();
            }
            catch (SocketException)
            {
                stop.Wait(AfterLossMs);
            }

            for (var lost = Interlocked.Exchange(ref _inFlight, 0); lost > 0; lost--)
            {
                Counters.Add(Answer.Lost, 0, 0);
            }
        }
    }

    private void Send(Http2Link link)
    {
        while (!stop.IsSet && !link.IsClosing)
        {
            var ticket = schedule.Take();
            var due = Waiting.Until(schedule, ticket, stop);
            if (stop.IsSet)
            {
                return;
            }

            if (Volatile.Read(ref _inFlight) >= options.OpenLoopInFlight)
            {
                Counters.Withhold();
                continue;
            }

            var request = requests.For(ticket);
            var stream = link.NextStream();
            (_due[Slot(stream)], _records[Slot(stream)]) = (due, request.Records);
            Interlocked.Increment(ref _inFlight);
            link.Send(request, stream, WaitForRoom);
        }
    }

    private void WaitForRoom() => stop.Wait(1);

    private void Receive(Http2Link link)
    {
        try
        {
            while (true)
            {
                link.Receive();
            }
        }
        catch (SocketException)
        {
            // Shut down by us or by the peer; the sender notices either.
        }
    }

    /// <summary>A stream that was answered before it was sent whole is reset as well: only the first of both counts.</summary>
    private void OnAnswered(int stream, Answer answer)
    {
        var records = Interlocked.Exchange(ref _records[Slot(stream)], 0);
        if (records > 0)
        {
            Interlocked.Decrement(ref _inFlight);
            Counters.Add(answer, records, Stopwatch.GetElapsedTime(_due[Slot(stream)]).TotalSeconds);
        }
    }

    private static int Slot(int stream) => (stream >> 1) & (Slots - 1);
}
