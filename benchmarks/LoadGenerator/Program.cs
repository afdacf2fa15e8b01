using StellaOps.Telemetry.Benchmarks.LoadGenerator;
using StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

return args is ["--help" or "-h"] or [] ? GeneratorOptions.ShowHelp() : Session.Run(GeneratorOptions.Parse(args));
