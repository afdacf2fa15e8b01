using System.IO.Compression;
using System.Text;
using StellaOps.Telemetry.Benchmarks.Load;
using StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>One connection's requests, framed: it stamps them in place, so it shares them with nobody.</summary>
internal sealed class RequestSet
{
    private const long NanosPerTick = 100;

    private readonly GeneratorOptions _options;
    private readonly RequestTemplate[] _templates;
    private readonly PreparedRequest[] _requests;
    private readonly byte[][] _keys;
    private readonly Stamper _stamper;
    private readonly MemoryStream _compressed = new();

    /// <param name="seed">Equal in all sets of a session: the parts of a trace go over several connections.</param>
    public RequestSet(GeneratorOptions options, RequestTemplate[] templates, ulong seed)
    {
        (_options, _templates, _stamper) = (options, templates, new Stamper(seed));
        _keys = [.. options.Keys.Select(Encoding.ASCII.GetBytes)];
        _requests = [.. templates.Select(t => Frame(t))];
        if (options.IsGzip)
        {
            // Stamped bare, then compressed: each needs bytes of its own.
            _templates = [.. templates.Select(t => t with { Bytes = [.. t.Bytes] })];
        }
    }

    /// <summary>The request of a number, stamped. Four in a row are parts of the same traces, of one tenant.</summary>
    public PreparedRequest For(long ticket)
    {
        var group = ticket / TraceLoad.Parts;
        var index = (int)(((group * TraceLoad.Parts) + (ticket % TraceLoad.Parts)) % _requests.Length);
        var now = (TimeProvider.System.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * NanosPerTick;
        var key = _keys[group % _keys.Length];
        var request = _requests[index];
        if (_options.IsGzip)
        {
            _stamper.Stamp(_templates[index].Bytes, _templates[index].Places, group, now);
            request = Frame(Compress(_templates[index]));
        }
        else
        {
            _stamper.Stamp(request.Bytes, request.Places, group, now);
        }

        key.CopyTo(request.Bytes, request.KeyOffset);
        return request;
    }

    private PreparedRequest Frame(RequestTemplate template)
    {
        var authority = _options.Target.Authority;
        return _options.IsHttp
            ? Http1Framing.Prepare(template, $"/v1/{_options.Signal}", authority, _options.Keys[0], _options.IsGzip)
            : Http2Framing.Prepare(template, GrpcPath(_options.Signal), authority, _options.Keys[0], _options.IsGzip);
    }

    private RequestTemplate Compress(RequestTemplate template)
    {
        _compressed.SetLength(0);
        using (var gzip = new GZipStream(_compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(template.Bytes);
        }

        return new RequestTemplate(_compressed.ToArray(), template.Records, [], []);
    }

    private static string GrpcPath(string signal) => signal switch
    {
        "traces" => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "metrics" => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        _ => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    };
}
