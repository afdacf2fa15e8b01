using StellaOps.Telemetry.Benchmarks.Load;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>A request as it goes to the socket, framing and headers included; one connection's own, since it is stamped in place.</summary>
/// <param name="Places">Where ids and times stand in <paramref name="Bytes"/>.</param>
/// <param name="Frames">HTTP/2: where each frame begins, and the end of the last one. HTTP/1.1: begin and end.</param>
/// <param name="KeyOffset">Where the ingest key stands.</param>
internal sealed record PreparedRequest(byte[] Bytes, int Length, Place[] Places, int[] Frames, int KeyOffset, int Records);
