using StellaOps.Telemetry.Otlp.Schema;

namespace StellaOps.Telemetry.Otlp.Json;

/// <summary>What is wrong with a value, and of which field: put into words only when somebody is told, for it is made for every value.</summary>
internal readonly record struct JsonFault(JsonFaultKind Kind, OtlpField? Field)
{
    public static JsonFault TooDeep => default;

    public override string ToString() => Kind switch
    {
        JsonFaultKind.NotAList => $"'{Field!.JsonName}' is not a list",
        JsonFaultKind.NotAnElement => $"An element of '{Field!.JsonName}' is not a {Field.Type}",
        JsonFaultKind.NotAValue => $"'{Field!.JsonName}' is not a {(Field.Type == OtlpFieldType.Message ? Field.Message.ToString() : Field.Type.ToString())}",
        _ => "Nested too deep",
    };
}
