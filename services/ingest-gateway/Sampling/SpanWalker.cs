using System.Buffers.Binary;
using System.IO.Hashing;
using StellaOps.Telemetry.IngestGateway.Sampling.Policies;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>
/// Reads the features of a logged trace request's spans, in wire order, in one pass over each span. Attributes are looked at only where a policy
/// asks for one. Hot.
/// </summary>
internal ref struct SpanWalker
{
    private readonly PolicySet _policies;
    private readonly Span<ulong> _resourceMatches;
    private readonly Span<ulong> _matches;
    private readonly Span<ulong> _seen;
    private readonly bool _wantsAttributes;
    private readonly bool _wantsTraceState;
    private WireReader _request;
    private WireReader _resourceGroup;
    private WireReader _scopeGroup;
    private Level _level;

    /// <param name="scratch">At least <see cref="ScratchWords"/> words.</param>
    public SpanWalker(ReadOnlySpan<byte> request, PolicySet policies, Span<ulong> scratch)
    {
        var words = policies.MatchWords;
        _request = new WireReader(request);
        _policies = policies;
        _resourceMatches = scratch[..words];
        _matches = scratch.Slice(words, words);
        _seen = scratch.Slice(2 * words, policies.Attributes.SeenWords);
        _wantsAttributes = !policies.Attributes.IsEmpty;
        _wantsTraceState = !policies.TraceStates.IsEmpty;
        Index = -1;
    }

    private enum Level : byte
    {
        Request,
        ResourceGroup,
        ScopeGroup,
    }

    public int Index { get; private set; }

    /// <summary>A span of no trace is a trace of its own: then this is a hash of the span.</summary>
    public UInt128 TraceId { get; private set; }

    public ulong Start { get; private set; }

    public ulong End { get; private set; }

    public int StatusCode { get; private set; }

    public ulong ServiceHash { get; private set; }

    /// <summary>Whether this is the first span under its resource.</summary>
    public bool IsNewResource { get; private set; }

    /// <summary>The span's bytes.</summary>
    public ReadOnlySpan<byte> Span { get; private set; }

    /// <summary>The bytes of its resource.</summary>
    public ReadOnlySpan<byte> Resource { get; private set; }

    /// <summary>Conditions met by the span or its resource.</summary>
    public readonly ReadOnlySpan<ulong> Matches => _matches;

    public static int ScratchWords(PolicySet policies) => (2 * policies.MatchWords) + policies.Attributes.SeenWords;

    public static ulong HashOf(ReadOnlySpan<byte> serviceName) => XxHash3.HashToUInt64(serviceName);

    public bool TryRead()
    {
        while (true)
        {
            switch (_level)
            {
                case Level.Request:
                    if (!_request.TryReadField())
                    {
                        return false;
                    }

                    if (_request.FieldNumber == ContainerFields.Request.ResourceGroups)
                    {
                        ReadResource(_request.Content);
                        _resourceGroup = new WireReader(_request.Content);
                        _level = Level.ResourceGroup;
                    }

                    break;
                case Level.ResourceGroup:
                    if (!_resourceGroup.TryReadField())
                    {
                        _level = Level.Request;
                    }
                    else if (_resourceGroup.FieldNumber == ContainerFields.ResourceGroup.ScopeGroups)
                    {
                        _scopeGroup = new WireReader(_resourceGroup.Content);
                        _level = Level.ScopeGroup;
                    }

                    break;
                default:
                    if (!_scopeGroup.TryReadField())
                    {
                        _level = Level.ResourceGroup;
                    }
                    else if (_scopeGroup.FieldNumber == ContainerFields.ScopeGroup.Records)
                    {
                        Index++;
                        ReadSpan(_scopeGroup.Content);
                        return true;
                    }

                    break;
            }
        }
    }

    // The resource may stand behind its scopes.
    private void ReadResource(ReadOnlySpan<byte> group)
    {
        ReadOnlySpan<byte> resource = default;
        var reader = new WireReader(group);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == ContainerFields.ResourceGroup.Resource)
            {
                resource = reader.Content;
            }
        }

        ServiceHash = HashOf(ResourceView.TryGetServiceName(resource, out var name) ? name : default);
        Resource = resource;
        IsNewResource = true;
        if (!_wantsAttributes)
        {
            return;
        }

        _resourceMatches.Clear();
        _seen.Clear();
        var attributes = new WireReader(resource);
        while (attributes.TryReadField())
        {
            if (attributes.FieldNumber == CommonFields.Resource.Attributes)
            {
                _policies.Attributes.Match(attributes.Content, _resourceMatches, _seen);
            }
        }
    }

    private void ReadSpan(ReadOnlySpan<byte> span)
    {
        ReadOnlySpan<byte> traceId = default;
        ulong start = 0, end = 0;
        var status = 0;
        _resourceMatches.CopyTo(_matches);
        _seen.Clear();
        var reader = new WireReader(span);
        while (reader.TryReadField())
        {
            switch (reader.FieldNumber)
            {
                case TraceFields.Span.TraceId:
                    traceId = reader.Content;
                    break;
                case TraceFields.Span.StartTimeUnixNano:
                    start = reader.Value;
                    break;
                case TraceFields.Span.EndTimeUnixNano:
                    end = reader.Value;
                    break;
                case TraceFields.Span.Status:
                    ReadStatus(reader.Content, ref status);
                    break;
                case TraceFields.Span.Attributes when _wantsAttributes:
                    _policies.Attributes.Match(reader.Content, _matches, _seen);
                    break;
                case TraceFields.Span.TraceState when _wantsTraceState:
                    _policies.TraceStates.Match(reader.Content, _matches);
                    break;
            }
        }

        var id = traceId.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(traceId) : 0;
        TraceId = id != 0 ? id : XxHash128.HashToUInt128(span);
        Span = span;
        Start = start;
        End = end;
        StatusCode = status;
    }

    // A status that comes twice is merged: what the later one does not say stays.
    private static void ReadStatus(ReadOnlySpan<byte> content, ref int code)
    {
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == TraceFields.Status.Code)
            {
                code = (int)reader.Value;
            }
        }
    }

    /// <summary>Says that the resource was taken note of.</summary>
    public void SeenResource() => IsNewResource = false;
}
