using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Tests.Shared.Auth;

/// <summary>Identity keys of the services, keys of the people behind profiles, and the trust file that names them, as AppHost makes them.</summary>
public sealed class TestIdentities : IDisposable
{
    /// <summary>The key of somebody who writes profiles.</summary>
    public const string Author = "author";

    /// <summary>Another key of the same person, which approves and breaks the glass.</summary>
    public const string AuthorsOther = "authors-other";

    /// <summary>The key of somebody who approves.</summary>
    public const string Approver = "approver";

    /// <summary>Another key of the same person.</summary>
    public const string ApproversOther = "approvers-other";

    /// <summary>The key of a third person, who approves as well.</summary>
    public const string SecondApprover = "second-approver";

    /// <summary>The key that breaks the glass.</summary>
    public const string BreakGlass = "break-glass";

    /// <summary>A key that the trust file does not know.</summary>
    public const string Stranger = "stranger";

    private static readonly (string Name, string? Person, string[] Uses)[] s_trusted =
    [
        (KnownServices.ProfileService, null, [KnownKeyUses.GatewaySnapshot, KnownKeyUses.ProfileDeployment]),
        (KnownServices.IncidentService, null, [KnownKeyUses.Incident]),
        (KnownServices.CaptureWorker, null, [KnownKeyUses.Promotion, KnownKeyUses.Archive]),
        (KnownServices.IngestGateway, null, [KnownKeyUses.PromotionAck, KnownKeyUses.IncidentUsage]),
        (Author, "developer", [KnownKeyUses.ProfileAuthor]),
        (AuthorsOther, "Developer", [KnownKeyUses.ProfileApproval, KnownKeyUses.ProfileBreakGlass]),
        (Approver, "reviewer", [KnownKeyUses.ProfileApproval]),
        (ApproversOther, "reviewer", [KnownKeyUses.ProfileApproval]),
        (SecondApprover, "second", [KnownKeyUses.ProfileApproval]),
        (BreakGlass, "on-call", [KnownKeyUses.ProfileBreakGlass]),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-keys-");
    private readonly Dictionary<string, SigningKey> _keys = [];

    public TestIdentities()
    {
        foreach (var name in s_trusted.Select(t => t.Name).Append(Stranger))
        {
            var key = SigningKey.Create();
            key.Save(KeyFile(name));
            _keys.Add(name, key);
        }

        Document = new TrustDocument(
            TrustDocument.SchemaId,
            [.. s_trusted.Select(t => new TrustedKey(t.Name, _keys[t.Name].KeyId, _keys[t.Name].Public.ToPem(), t.Uses, t.Person))]);
        Trust = new TrustStore(Document);
        Write(Document);
    }

    /// <summary>What the trust file says, unless <see cref="Write"/> changed it.</summary>
    public TrustDocument Document { get; }

    /// <summary>What goes into <c>Stella__Trust__File</c>.</summary>
    public string TrustFile => Path.Combine(_folder.FullName, "trust.json");

    public TrustStore Trust { get; }

    /// <summary>What goes into <c>Stella__Identity__KeyFile</c> of a service.</summary>
    public string KeyFile(string name) => Path.Combine(_folder.FullName, name + ".pem");

    public SigningKey Key(string name) => _keys[name];

    /// <summary>Changes the trust file, for whoever reads it from now on.</summary>
    public void Write(TrustDocument document) => File.WriteAllBytes(TrustFile, JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.TrustDocument));

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }

        _folder.Delete(recursive: true);
    }
}
