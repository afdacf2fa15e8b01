using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Hooks;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.Contracts.Sampling;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;

namespace StellaOps.Telemetry.Contracts;

/// <summary>The one JSON form of everything in this library: camelCase, enums by name, no reflection.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(AddTenantRequest))]
[JsonSerializable(typeof(TenantResponse))]
[JsonSerializable(typeof(Page<TenantResponse>))]
[JsonSerializable(typeof(NewIngestKeyRequest))]
[JsonSerializable(typeof(NewIngestKeyResponse))]
[JsonSerializable(typeof(IngestKeyResponse))]
[JsonSerializable(typeof(Page<IngestKeyResponse>))]
[JsonSerializable(typeof(GatewaySnapshot))]
[JsonSerializable(typeof(GatewayHeartbeat))]
[JsonSerializable(typeof(GatewayStatusResponse))]
[JsonSerializable(typeof(ProfileInForce))]
[JsonSerializable(typeof(LedgerResponse))]
[JsonSerializable(typeof(ReplayResponse))]
[JsonSerializable(typeof(TraceDecisionResponse))]
[JsonSerializable(typeof(Page<DeadLetterResponse>))]
[JsonSerializable(typeof(ResendDeadLettersRequest))]
[JsonSerializable(typeof(ResendDeadLettersResponse))]
[JsonSerializable(typeof(StartIncidentRequest))]
[JsonSerializable(typeof(StopIncidentRequest))]
[JsonSerializable(typeof(ExtendIncidentRequest))]
[JsonSerializable(typeof(IncidentResponse))]
[JsonSerializable(typeof(Page<IncidentResponse>))]
[JsonSerializable(typeof(IncidentMessage))]
[JsonSerializable(typeof(IncidentUsageReport))]
[JsonSerializable(typeof(AcknowledgeIncidentRequest))]
[JsonSerializable(typeof(NotificationEvent))]
[JsonSerializable(typeof(NotificationResponse))]
[JsonSerializable(typeof(Page<NotificationResponse>))]
[JsonSerializable(typeof(HookResponse))]
[JsonSerializable(typeof(PromotionRequest))]
[JsonSerializable(typeof(PromotionAck))]
[JsonSerializable(typeof(CreateCaptureRequest))]
[JsonSerializable(typeof(CaptureResponse))]
[JsonSerializable(typeof(CaptureFile))]
[JsonSerializable(typeof(Page<CaptureResponse>))]
[JsonSerializable(typeof(ArchiveSearchRequest))]
[JsonSerializable(typeof(ArchiveSearchNote))]
[JsonSerializable(typeof(ArchiveExportRequest))]
[JsonSerializable(typeof(ArchiveExportSummary))]
[JsonSerializable(typeof(CreateHoldRequest))]
[JsonSerializable(typeof(CloseHoldRequest))]
[JsonSerializable(typeof(ReleaseHoldRequest))]
[JsonSerializable(typeof(HoldResponse))]
[JsonSerializable(typeof(Page<HoldResponse>))]
[JsonSerializable(typeof(StartScrubRequest))]
[JsonSerializable(typeof(ScrubReport))]
[JsonSerializable(typeof(ScrubResponse))]
[JsonSerializable(typeof(Page<ScrubResponse>))]
[JsonSerializable(typeof(Page<ArchiveUsageRow>))]
[JsonSerializable(typeof(ArchivePlanResponse))]
[JsonSerializable(typeof(Page<AuditEntryResponse>))]
[JsonSerializable(typeof(AuditVerificationResponse))]
[JsonSerializable(typeof(PublishProfileRequest))]
[JsonSerializable(typeof(ApproveProfileRequest))]
[JsonSerializable(typeof(Page<ProfileResponse>))]
[JsonSerializable(typeof(ProfileVersionResponse))]
[JsonSerializable(typeof(Page<ProfileVersionResponse>))]
[JsonSerializable(typeof(AgentResponse))]
[JsonSerializable(typeof(Page<AgentResponse>))]
[JsonSerializable(typeof(FleetResponse))]
[JsonSerializable(typeof(AgentHealth))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, double>))]
[JsonSerializable(typeof(Dictionary<string, double>))]
[JsonSerializable(typeof(StartRolloutRequest))]
[JsonSerializable(typeof(ChangeRolloutRequest))]
[JsonSerializable(typeof(RolloutResponse))]
[JsonSerializable(typeof(Page<RolloutResponse>))]
[JsonSerializable(typeof(Page<RolloutAgentResponse>))]
[JsonSerializable(typeof(HeadSamplingResponse))]
[JsonSerializable(typeof(JaegerSamplingResponse))]
[JsonSerializable(typeof(TrustDocument))]
[JsonSerializable(typeof(TrustedKey))]
[JsonSerializable(typeof(EndpointsDocument))]
public sealed partial class ContractsJson : JsonSerializerContext;
