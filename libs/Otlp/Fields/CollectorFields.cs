namespace StellaOps.Telemetry.Otlp.Fields;

/// <summary>Field numbers of collector/*/v1/*_service.proto and google.rpc.Status (https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/collector/trace/v1/trace_service.proto).</summary>
public static class CollectorFields
{
    /// <summary>ExportResponse.</summary>
    public static class ExportResponse
    {
        public const int PartialSuccess = 1;
    }

    /// <summary>PartialSuccess.</summary>
    public static class PartialSuccess
    {
        public const int Rejected = 1;
        public const int ErrorMessage = 2;
    }

    /// <summary>RpcStatus.</summary>
    public static class RpcStatus
    {
        public const int Code = 1;
        public const int Message = 2;
    }
}
