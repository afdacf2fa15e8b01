namespace StellaOps.Telemetry.OpAmp.Wire;

/// <summary>
/// The header before each WebSocket message: a base 128 varint of a 64-bit number, 0 in this version of the protocol. Clients from before
/// the header begin with the message itself, <c>0A 10</c> and the uid: that is header 10, and malformed as any other but 0.
/// </summary>
internal static class WebSocketHeader
{
    /// <summary>As it is sent.</summary>
    public const byte Value = 0;

    private const int MaxBytes = 10;

    /// <summary>Null when the header is 0 and takes <paramref name="length"/> bytes; else what is wrong.</summary>
    public static string? FaultOf(ReadOnlySpan<byte> message, out int length)
    {
        ulong header = 0;
        for (length = 0; length < Math.Min(message.Length, MaxBytes);)
        {
            var part = message[length];
            if (length == MaxBytes - 1 && part > 1)
            {
                return "the message's header does not fit 64 bits: begin it with the byte 0";
            }

            header |= (ulong)(part & 0x7F) << (7 * length++);
            if ((part & 0x80) == 0)
            {
                return header == 0 ? null : $"the message's header is {header}: begin it with the byte 0, or use a client of OpAMP 0.6 or later";
            }
        }

        return "the message ends within its header: begin it with the byte 0";
    }
}
