using StellaOps.Telemetry.Crash;

return await CrashCommand.RunAsync(args);
