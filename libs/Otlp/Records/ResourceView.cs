using StellaOps.Telemetry.Otlp.Fields;

namespace StellaOps.Telemetry.Otlp;

/// <summary>What is asked of a resource.</summary>
public static class ResourceView
{
    /// <summary>The value of `service.name`; false when the resource has none, or none that is a string.</summary>
    public static bool TryGetServiceName(ReadOnlySpan<byte> resource, out ReadOnlySpan<byte> serviceName) =>
        AttributeView.TryGetString(resource, CommonFields.Resource.Attributes, "service.name"u8, out serviceName);
}
