using System.Runtime.InteropServices;
using Garnet;
using StellaOps.Telemetry.Redis;

// Arguments are Garnet's own (--bind, --port, --help). Without persistence: what stands here is rebuilt from PostgreSQL within seconds.
using var server = new GarnetServer(args);
server.Start();

using var stop = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await ParentProcess.WaitForEndAsync(stop.Token);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
