using System.Diagnostics;
using System.Net.Sockets;
using StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>One connection with one request in flight, on a thread of its own.</summary>
internal sealed class ClosedLoop(GeneratorOptions options, RequestSet requests, Schedule schedule, ManualResetEventSlim stop) : ILoop
{
    private const int AfterRefusalMs = 20;
    private const int AfterLossMs = 200;

    public Counters Counters { get; } = new();

    public void Run()
    {
        IExchange? exchange = null;
        while (!stop.IsSet)
        {
            var ticket = schedule.Take();
            Waiting.Until(schedule, ticket, stop);
            if (stop.IsSet)
            {
                break;
            }

            var request = requests.For(ticket);
            var begin = Stopwatch.GetTimestamp();
            Answer answer;
            try
            {
                exchange ??= options.IsHttp ? new HttpExchange(options.Target) : new GrpcExchange(options.Target);
                answer = exchange.Exchange(request);
            }
            catch (SocketException)
            {
                answer = Answer.Lost;
                exchange?.Dispose();
                exchange = null;
            }

            Counters.Add(answer, request.Records, Stopwatch.GetElapsedTime(begin).TotalSeconds);
            if (answer != Answer.Acknowledged)
            {
                stop.Wait(answer == Answer.Lost ? AfterLossMs : AfterRefusalMs);
            }
        }

        exchange?.Dispose();
    }
}
