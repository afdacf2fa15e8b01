using StellaOps.Telemetry.Benchmarks.Micro;

return args switch
{
    ["pipeline", .. var rest] => await PipelineRun.RunAsync(rest),
    ["--help" or "-h"] or [] => MicroHelp.Show(),
    _ => HotPathBenchmarks.Run(args),
};
