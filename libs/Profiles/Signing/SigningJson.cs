using System.Text.Json;
using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>What is signed: every member is there, nulls too, and no other.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNameCaseInsensitive = false,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ClosureFile))]
[JsonSerializable(typeof(ProfilePredicate))]
[JsonSerializable(typeof(ApprovalPredicate))]
[JsonSerializable(typeof(DeploymentPredicate))]
[JsonSerializable(typeof(DeploymentMemory))]
internal sealed partial class SigningJson : JsonSerializerContext;
