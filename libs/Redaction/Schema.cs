namespace StellaOps.Telemetry.Redaction;

/// <summary>How the walk treats a field.</summary>
internal enum FieldKind : byte
{
    /// <summary>Not in our schema: dropped when it holds what a rule finds.</summary>
    Unknown,
    Text,
    Bytes,

    /// <summary>Trace or span id: 16 or 8 bytes, anything else is treated as unknown.</summary>
    Id,

    /// <summary>A varint of at most 32 bits, an enum or a flag.</summary>
    Small,

    /// <summary>Timestamps, counts and flags of fixed width.</summary>
    Fixed,

    /// <summary>Packed numbers.</summary>
    Packed,

    /// <summary>Integer of an AnyValue.</summary>
    AnyInt,

    /// <summary>Double of an AnyValue.</summary>
    AnyDouble,

    /// <summary>Integer measurement.</summary>
    PointInt,

    /// <summary>Double measurement.</summary>
    PointDouble,
    Message,
    KeyValue,
}

/// <summary>The OTLP messages (opentelemetry-proto v1.7.0) as far as redaction must tell their fields apart.</summary>
internal sealed class Schema
{
    private readonly FieldKind[] _kinds = new FieldKind[24];
    private readonly Schema?[] _children = new Schema?[24];

    private Schema()
    {
    }

    public static Schema AnyValue { get; }

    public static Schema Traces { get; }

    public static Schema Metrics { get; }

    public static Schema Logs { get; }

    static Schema()
    {
        AnyValue = new Schema();
        var array = new Schema().Add(FieldKind.Message, AnyValue, 1);
        var kvlist = new Schema().Add(FieldKind.KeyValue, 1);
        AnyValue.Add(FieldKind.Text, 1).Add(FieldKind.Small, 2).Add(FieldKind.AnyInt, 3).Add(FieldKind.AnyDouble, 4)
            .Add(FieldKind.Message, array, 5).Add(FieldKind.Message, kvlist, 6).Add(FieldKind.Bytes, 7);

        var entity = new Schema().Add(FieldKind.Text, 1, 2, 3, 4);
        var resource = new Schema().Add(FieldKind.KeyValue, 1).Add(FieldKind.Small, 2).Add(FieldKind.Message, entity, 3);
        var scope = new Schema().Add(FieldKind.Text, 1, 2).Add(FieldKind.KeyValue, 3).Add(FieldKind.Small, 4);

        var ev = new Schema().Add(FieldKind.Fixed, 1).Add(FieldKind.Text, 2).Add(FieldKind.KeyValue, 3).Add(FieldKind.Small, 4);
        var link = new Schema().Add(FieldKind.Id, 1, 2).Add(FieldKind.Text, 3).Add(FieldKind.KeyValue, 4).Add(FieldKind.Small, 5).Add(FieldKind.Fixed, 6);
        var status = new Schema().Add(FieldKind.Text, 2).Add(FieldKind.Small, 3);
        var span = new Schema().Add(FieldKind.Id, 1, 2, 4).Add(FieldKind.Text, 3, 5).Add(FieldKind.Small, 6, 10, 12, 14).Add(FieldKind.Fixed, 7, 8, 16)
            .Add(FieldKind.KeyValue, 9).Add(FieldKind.Message, ev, 11).Add(FieldKind.Message, link, 13).Add(FieldKind.Message, status, 15);
        Traces = Request(resource, scope, span);

        var log = new Schema().Add(FieldKind.Fixed, 1, 8, 11).Add(FieldKind.Small, 2, 7).Add(FieldKind.Text, 3, 12).Add(FieldKind.Message, AnyValue, 5)
            .Add(FieldKind.KeyValue, 6).Add(FieldKind.Id, 9, 10);
        Logs = Request(resource, scope, log);

        var exemplar = new Schema().Add(FieldKind.Fixed, 2).Add(FieldKind.PointDouble, 3).Add(FieldKind.Id, 4, 5).Add(FieldKind.PointInt, 6).Add(FieldKind.KeyValue, 7);
        var number = new Schema().Add(FieldKind.Fixed, 2, 3).Add(FieldKind.PointDouble, 4).Add(FieldKind.Message, exemplar, 5).Add(FieldKind.PointInt, 6)
            .Add(FieldKind.KeyValue, 7).Add(FieldKind.Small, 8);
        var histogram = new Schema().Add(FieldKind.Fixed, 2, 3, 4).Add(FieldKind.PointDouble, 5, 11, 12).Add(FieldKind.Packed, 6, 7)
            .Add(FieldKind.Message, exemplar, 8).Add(FieldKind.KeyValue, 9).Add(FieldKind.Small, 10);
        var buckets = new Schema().Add(FieldKind.Small, 1).Add(FieldKind.Packed, 2);
        var exponential = new Schema().Add(FieldKind.KeyValue, 1).Add(FieldKind.Fixed, 2, 3, 4, 7).Add(FieldKind.PointDouble, 5, 12, 13, 14).Add(FieldKind.Small, 6, 10)
            .Add(FieldKind.Message, buckets, 8, 9).Add(FieldKind.Message, exemplar, 11);
        var quantile = new Schema().Add(FieldKind.PointDouble, 1, 2);
        var summary = new Schema().Add(FieldKind.Fixed, 2, 3, 4).Add(FieldKind.PointDouble, 5).Add(FieldKind.Message, quantile, 6).Add(FieldKind.KeyValue, 7).Add(FieldKind.Small, 8);
        Schema Data(Schema point) => new Schema().Add(FieldKind.Message, point, 1).Add(FieldKind.Small, 2, 3);
        var metric = new Schema().Add(FieldKind.Text, 1, 2, 3).Add(FieldKind.Message, Data(number), 5, 7).Add(FieldKind.Message, Data(histogram), 9)
            .Add(FieldKind.Message, Data(exponential), 10).Add(FieldKind.Message, Data(summary), 11).Add(FieldKind.KeyValue, 12);
        Metrics = Request(resource, scope, metric);
    }

    public FieldKind KindOf(int field) => (uint)field < (uint)_kinds.Length ? _kinds[field] : FieldKind.Unknown;

    public Schema ChildOf(int field) => _children[field]!;

    private static Schema Request(Schema resource, Schema scope, Schema record)
    {
        var scopes = new Schema().Add(FieldKind.Message, scope, 1).Add(FieldKind.Message, record, 2).Add(FieldKind.Text, 3);
        var resources = new Schema().Add(FieldKind.Message, resource, 1).Add(FieldKind.Message, scopes, 2).Add(FieldKind.Text, 3);
        return new Schema().Add(FieldKind.Message, resources, 1);
    }

    private Schema Add(FieldKind kind, params ReadOnlySpan<int> fields) => Add(kind, null, fields);

    private Schema Add(FieldKind kind, Schema? child, params ReadOnlySpan<int> fields)
    {
        foreach (var field in fields)
        {
            _kinds[field] = kind;
            _children[field] = child;
        }

        return this;
    }
}
