using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>JSON columns of <c>capture.jobs</c>.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, long>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<CaptureFile>))]
internal sealed partial class CaptureJson : JsonSerializerContext;
