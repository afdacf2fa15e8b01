using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Tests.Shared.Auth;

/// <summary>Identity keys of the services and the trust file that names them, as AppHost makes them.</summary>
public sealed class TestIdentities : IDisposable
{
    private static readonly (string Service, string[] Uses)[] s_services =
    [
        (KnownServices.ProfileService, [KnownKeyUses.GatewaySnapshot]),
        (KnownServices.IncidentService, [KnownKeyUses.Incident]),
        (KnownServices.CaptureWorker, [KnownKeyUses.Promotion]),
        (KnownServices.IngestGateway, [KnownKeyUses.PromotionAck]),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-keys-");
    private readonly Dictionary<string, SigningKey> _keys = [];

    public TestIdentities()
    {
        foreach (var (service, _) in s_services)
        {
            var key = SigningKey.Create();
            key.Save(KeyFile(service));
            _keys.Add(service, key);
        }

        var document = new TrustDocument(
            TrustDocument.SchemaId,
            [.. s_services.Select(s => new TrustedKey(s.Service, _keys[s.Service].KeyId, _keys[s.Service].Public.ToPem(), s.Uses))]);
        File.WriteAllBytes(TrustFile, JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.TrustDocument));
        Trust = new TrustStore(document);
    }

    /// <summary>What goes into <c>Stella__Trust__File</c>.</summary>
    public string TrustFile => Path.Combine(_folder.FullName, "trust.json");

    public TrustStore Trust { get; }

    /// <summary>What goes into <c>Stella__Identity__KeyFile</c> of a service.</summary>
    public string KeyFile(string service) => Path.Combine(_folder.FullName, service + ".pem");

    public SigningKey Key(string service) => _keys[service];

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }

        _folder.Delete(recursive: true);
    }
}
