namespace StellaOps.Telemetry.Otlp.Json;

/// <summary>Kinds of <see cref="JsonFault"/>.</summary>
internal enum JsonFaultKind : byte
{
    TooDeep,
    NotAList,
    NotAnElement,
    NotAValue,
}
