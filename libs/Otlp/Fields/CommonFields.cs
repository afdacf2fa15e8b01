namespace StellaOps.Telemetry.Otlp.Fields;

/// <summary>Field numbers of common/v1/common.proto and resource/v1/resource.proto (https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/common/v1/common.proto).</summary>
public static class CommonFields
{
    /// <summary>AnyValue.</summary>
    public static class AnyValue
    {
        public const int StringValue = 1;
        public const int BoolValue = 2;
        public const int IntValue = 3;
        public const int DoubleValue = 4;
        public const int ArrayValue = 5;
        public const int KvlistValue = 6;
        public const int BytesValue = 7;
    }

    /// <summary>List.</summary>
    public static class List
    {
        public const int Values = 1;
    }

    /// <summary>KeyValue.</summary>
    public static class KeyValue
    {
        public const int Key = 1;
        public const int Value = 2;
    }

    /// <summary>InstrumentationScope.</summary>
    public static class InstrumentationScope
    {
        public const int Name = 1;
        public const int Version = 2;
        public const int Attributes = 3;
        public const int DroppedAttributesCount = 4;
    }

    /// <summary>EntityRef.</summary>
    public static class EntityRef
    {
        public const int SchemaUrl = 1;
        public const int Type = 2;
        public const int IdKeys = 3;
        public const int DescriptionKeys = 4;
    }

    /// <summary>Resource.</summary>
    public static class Resource
    {
        public const int Attributes = 1;
        public const int DroppedAttributesCount = 2;
        public const int EntityRefs = 3;
    }
}
