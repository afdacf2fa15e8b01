using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.AppHost.Plan;

namespace StellaOps.Telemetry.AppHost.Local.Bootstrap;

/// <summary>The tokens that services present to one another, written at each start and renewed long before they end.</summary>
internal sealed class ServiceTokens(string keys, TimeProvider time)
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(12);
    private static readonly TimeSpan s_renewal = TimeSpan.FromHours(4);

    public void Write()
    {
        using var issuer = ECDsa.Create();
        issuer.ImportFromPem(File.ReadAllText(Path.Combine(keys, "issuer.key")));
        var keyId = Convert.ToHexStringLower(SHA256.HashData(issuer.ExportSubjectPublicKeyInfo()));
        foreach (var (service, scopes) in Topology.ServiceScopes)
        {
            var token = DevelopmentToken.Mint(issuer, keyId, service, scopes, time.GetUtcNow(), s_lifetime);
            StateFolder.WriteAtomically(Path.Combine(keys, service + ".token"), Encoding.ASCII.GetBytes(token));
        }
    }

    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_renewal, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Write();
        }
    }
}
