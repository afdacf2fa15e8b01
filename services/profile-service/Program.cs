using StellaOps.Telemetry.ProfileService;
using StellaOps.Telemetry.ServiceDefaults;

var app = ProfileServiceApp.Build(args);
return await app.RunStellaAsync(args);
