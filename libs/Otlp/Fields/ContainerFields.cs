namespace StellaOps.Telemetry.Otlp.Fields;

/// <summary>Field numbers of the containers, which have the same numbers in traces, metrics and logs (https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/trace/v1/trace.proto).</summary>
public static class ContainerFields
{
    /// <summary>Request.</summary>
    public static class Request
    {
        public const int ResourceGroups = 1;
    }

    /// <summary>ResourceGroup.</summary>
    public static class ResourceGroup
    {
        public const int Resource = 1;
        public const int ScopeGroups = 2;
        public const int SchemaUrl = 3;
    }

    /// <summary>ScopeGroup.</summary>
    public static class ScopeGroup
    {
        public const int Scope = 1;
        public const int Records = 2;
        public const int SchemaUrl = 3;
    }
}
