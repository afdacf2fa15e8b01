using StellaOps.Telemetry.Demo;

return await DemoCommand.RunAsync(args);
