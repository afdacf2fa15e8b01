using StellaOps.Telemetry.CaptureWorker;
using StellaOps.Telemetry.ServiceDefaults;

var app = CaptureWorkerApp.Build(args);
return await app.RunStellaAsync(args);
