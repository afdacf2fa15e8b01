using StellaOps.Telemetry.ArchiveCrash;

return await ArchiveCrashCommand.RunAsync(args);
