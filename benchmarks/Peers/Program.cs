using StellaOps.Telemetry.Benchmarks.Peers;

return await (args switch
{
    ["sink", var url] => NullSink.RunAsync(new Uri(url)),
    ["floor", var url, var target] => FloorProxy.RunAsync(new Uri(url), new Uri(target), isTuned: false),
    ["tuned-floor", var url, var target] => FloorProxy.RunAsync(new Uri(url), new Uri(target), isTuned: true),
    _ => Peer.ShowHelpAsync(),
});
