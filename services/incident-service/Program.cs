using StellaOps.Telemetry.IncidentService;
using StellaOps.Telemetry.ServiceDefaults;

var app = IncidentServiceApp.Build(args);
return await app.RunStellaAsync(args);
