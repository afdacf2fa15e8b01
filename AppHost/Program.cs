using StellaOps.Telemetry.AppHost;

return await EngineChoice.RunAsync(args);
