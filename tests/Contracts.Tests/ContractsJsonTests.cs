using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Tests.TestServices;

namespace StellaOps.Telemetry.Contracts.Tests;

public sealed class ContractsJsonTests
{
    private static readonly DateTimeOffset s_at = new(2026, 3, 1, 10, 30, 0, TimeSpan.Zero);

    /// <summary>Every record; collections are tested as parts of them.</summary>
    public static TheoryData<Type> Roots =>
        [.. typeof(ContractsJson).GetCustomAttributesData().Where(a => a.AttributeType == typeof(JsonSerializableAttribute)).Select(a => (Type)a.ConstructorArguments[0].Value!).Where(t => t.Namespace != "System.Collections.Generic")];

    /// <summary>Every enum that is part of a contract.</summary>
    public static TheoryData<Type> Enums => [.. typeof(ContractsJson).Assembly.GetExportedTypes().Where(t => t.IsEnum)];

    [Theory]
    [MemberData(nameof(Roots))]
    public void EveryMember_ComesBack(Type type)
    {
        var value = new Sample().Of(type);

        var json = JsonSerializer.Serialize(value, type, ContractsJson.Default);
        var read = JsonSerializer.Deserialize(json, type, ContractsJson.Default)!;

        Assert.Equal(json, JsonSerializer.Serialize(read, type, ContractsJson.Default));
        Assert.Equal(
            type.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name!)),
            JsonNode.Parse(json)!.AsObject().Select(p => p.Key));
        Assert.Equivalent(value, read, strict: true);
    }

    [Theory]
    [MemberData(nameof(Enums))]
    public void Enums_GoByLowerCaseName(Type type)
    {
        // Not by number: a value added in the middle must not change what was written before.
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var name = field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name;
            Assert.True(name is not null && name.All(c => char.IsAsciiLetterLower(c) || c is '-' or '_'), $"{type.Name}.{field.Name}");
        }

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("\"no such name\"", type, ContractsJson.Default));
    }

    [Fact]
    public void Incident_AsGatewaysAreTold() => Same(
        new IncidentMessage("inc-1", 7, false, TenantId.Parse("acme"), ["checkout"], 0.5, s_at, s_at.AddHours(1)),
        """{"id":"inc-1","version":7,"tombstone":false,"tenant":"acme","services":["checkout"],"samplingRate":0.5,"startedAt":"2026-03-01T10:30:00+00:00","expiresAt":"2026-03-01T11:30:00+00:00"}""");

    [Fact]
    public void Snapshot_AsGatewaysKeepIt() => Same(
        new GatewaySnapshot(
            GatewaySnapshot.SchemaId,
            3,
            s_at,
            [new SnapshotTenant(TenantId.Parse("acme"), RegistrationState.Active), new SnapshotTenant(TenantId.Parse("sealed"), RegistrationState.Active, TenantKind.Replay)],
            [new SnapshotIngestKey("0123456789ab", TenantId.Parse("acme"), "ab", RegistrationState.Disabled, null)]),
        """{"schema":"https://stella-ops.org/telemetry/gateway-snapshot/v1","version":3,"issuedAt":"2026-03-01T10:30:00+00:00","tenants":[{"tenant":"acme","state":"active","kind":"live"},{"tenant":"sealed","state":"active","kind":"replay"}],"ingestKeys":[{"keyId":"0123456789ab","tenant":"acme","secretSha256":"ab","state":"disabled"}]}""");

    [Fact]
    public void SnapshotTenant_OfBeforeThereWereKinds_IsLive() => Assert.Equal(
        new SnapshotTenant(TenantId.Parse("acme"), RegistrationState.Active, TenantKind.Live),
        JsonSerializer.Deserialize("""{"tenant":"acme","state":"active"}""", typeof(SnapshotTenant), ContractsJson.Default));

    [Fact]
    public void Promotion_AsGatewaysAreAsked() => Same(
        new PromotionRequest("p-1", TenantId.Parse("acme"), SignalNames.All, "1772361000000000000", "1772361060000000000", s_at, s_at.AddMinutes(5)),
        """{"id":"p-1","tenant":"acme","signals":["traces","metrics","logs"],"fromUnixNano":"1772361000000000000","toUnixNano":"1772361060000000000","requestedAt":"2026-03-01T10:30:00+00:00","expiresAt":"2026-03-01T10:35:00+00:00"}""");

    [Fact]
    public void PromotionAck_AsGatewaysAnswer() => Same(
        new PromotionAck("p-1", "gw-1", null, "1772361000000000000", 12, ["archive/v1/a"], [new LedgerRow(1772361000, TenantId.Parse("acme"), Signal.Logs, 12, 9, 2, new Dictionary<string, long> { ["quota"] = 1 }, 0)], "ab"),
        """{"promotionId":"p-1","gatewayId":"gw-1","logFromUnixNano":"1772361000000000000","records":12,"segments":["archive/v1/a"],"ledger":[{"minute":1772361000,"tenant":"acme","signal":"logs","accepted":12,"kept":9,"sampledOut":2,"dropped":{"quota":1},"undecided":0}],"profileHash":"ab"}""");

    [Fact]
    public void Incident_StartedWithTheLeast_HasTheDefaultsOfItsContract()
    {
        var request = JsonSerializer.Deserialize("""{"tenant":"acme","reason":"checkout is slow"}""", ContractsJson.Default.StartIncidentRequest);

        Assert.Equal(new StartIncidentRequest(TenantId.Parse("acme"), null, "checkout is slow", IncidentSeverity.Critical, null, 3600, null), request);
    }

    private static void Same<T>(T value, string json)
        where T : notnull
    {
        Assert.Equal(json, JsonSerializer.Serialize(value, typeof(T), ContractsJson.Default));
        Assert.Equivalent(value, JsonSerializer.Deserialize(json, typeof(T), ContractsJson.Default), strict: true);
    }
}
