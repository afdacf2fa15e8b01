using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>Base64 in its one form: a decoder alone passes over white space and unused bits, so that two texts would say the same.</summary>
internal static class StrictBase64
{
    /// <summary>Reads a JSON string.</summary>
    public static bool TryRead(JsonElement element, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (element.ValueKind != JsonValueKind.String || !element.TryGetBytesFromBase64(out var decoded) || Convert.ToBase64String(decoded) != element.GetString())
        {
            return false;
        }

        bytes = decoded;
        return true;
    }
}
