using StellaOps.Telemetry.Cli;

return await StellaCli.RunAsync(args, CliHost.FromProcess(), CancellationToken.None);
