using StellaOps.Telemetry.IngestGateway;

return await GatewayApplication.RunAsync(args);
