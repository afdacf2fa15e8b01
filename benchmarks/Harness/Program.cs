using StellaOps.Telemetry.Benchmarks.Harness;

return await HarnessCommand.RunAsync(args);
