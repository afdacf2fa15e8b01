namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>A key of the Standard Webhooks specification: <c>whsec_</c> and 24 to 64 bytes in base64.</summary>
internal static class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int MinBytes = 24;
    private const int MaxBytes = 64;

    /// <exception cref="IOException">The file is not there, or holds no such key.</exception>
    public static byte[] Read(string path)
    {
        var text = SecretFile.Read(path);
        var bytes = new byte[text.Length];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length is >= MinBytes and <= MaxBytes
            ? bytes[..length]
            : throw new IOException($"'{path}' holds no key of a webhook: '{Prefix}' and {MinBytes} to {MaxBytes} bytes in base64");
    }
}
