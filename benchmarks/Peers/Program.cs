using StellaOps.Telemetry.Benchmarks.Peers;

return await (args switch
{
    ["sink", var url] => NullSink.RunAsync(new Uri(url)),
    ["floor", var url, var target] => FloorProxy.RunAsync(new Uri(url), new Uri(target), isStock: false),
    ["stock-floor", var url, var target] => FloorProxy.RunAsync(new Uri(url), new Uri(target), isStock: true),
    _ => Peer.ShowHelpAsync(),
});
