using System.Text.Json.Serialization;
using StellaOps.Telemetry.Archive.Scrubbing;

namespace StellaOps.Telemetry.CaptureWorker.Integrity.Scrubs;

/// <summary>JSON columns of <c>capture.scrubs</c>.</summary>
[JsonSerializable(typeof(ScrubCursor))]
internal sealed partial class ScrubJson : JsonSerializerContext;
