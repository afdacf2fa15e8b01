using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Cli.Commands.Archive;
using StellaOps.Telemetry.Cli.Commands.Evidence;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Commands.Kits;
using StellaOps.Telemetry.Cli.Commands.Kits.Building;
using StellaOps.Telemetry.Cli.Commands.Profiles;
using StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;
using StellaOps.Telemetry.Cli.Commands.Profiles.Rendering;
using StellaOps.Telemetry.Cli.Commands.Status;
using StellaOps.Telemetry.Cli.Commands.Tokens;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Kits.Pieces;

namespace StellaOps.Telemetry.Cli;

/// <summary>JSON of what this tool prints itself; what services say is printed by their contract.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(VerificationReport))]
[JsonSerializable(typeof(ProofReport))]
[JsonSerializable(typeof(ProofVerification))]
[JsonSerializable(typeof(BundleSignature))]
[JsonSerializable(typeof(VerifyBundleReport))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(IReadOnlyList<KeyReport>))]
[JsonSerializable(typeof(ReplayReport))]
[JsonSerializable(typeof(IReadOnlyList<ProfileSummary>))]
[JsonSerializable(typeof(ProfileDetails))]
[JsonSerializable(typeof(SignedVersion))]
[JsonSerializable(typeof(SignedApproval))]
[JsonSerializable(typeof(IReadOnlyList<RedactionCaseReport>))]
[JsonSerializable(typeof(IReadOnlyList<ProfileValidation>))]
[JsonSerializable(typeof(IReadOnlyList<RenderedFileReport>))]
[JsonSerializable(typeof(ProfileDiffReport))]
[JsonSerializable(typeof(KitStage))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(KitBuildReport))]
[JsonSerializable(typeof(KitVerifyReport))]
[JsonSerializable(typeof(KitImportReport))]
[JsonSerializable(typeof(KitSplitReport))]
[JsonSerializable(typeof(KitTransferReport))]
internal sealed partial class CliJson : JsonSerializerContext;
