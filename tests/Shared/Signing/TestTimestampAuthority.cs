using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tsp;
using Org.BouncyCastle.Utilities.Collections;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Time;

namespace StellaOps.Telemetry.Tests.Shared.Signing;

/// <summary>A timestamp authority in this process, made of BouncyCastle: neither its encoder nor its signer is what we verify with.</summary>
public sealed class TestTimestampAuthority : ITimestampClient, IDisposable
{
    private const string Policy = "1.3.6.1.4.1.57264.2";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int _serial;

    public TestTimestampAuthority(TestAuthority? authority = null, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        Authority = authority ?? new TestAuthority("tsa", TestAuthority.TimeStamping);
        Certificate = Authority.Issue(_key, "timestamps", TestAuthority.TimeStamping, isCritical: true, from, until);
    }

    public TestAuthority Authority { get; }

    public X509Certificate2 Certificate { get; }

    /// <summary>What it takes for now.</summary>
    public Func<DateTimeOffset> Now { get; set; } = TimeProvider.System.GetUtcNow;

    /// <summary>Whether its tokens bring its certificates along.</summary>
    public bool Embeds { get; set; } = true;

    /// <summary>Changes what is asked for before it is stamped.</summary>
    public Func<byte[], byte[]> Tamper { get; set; } = request => request;

    /// <summary>Its chain, the leaf first.</summary>
    public string Pem => TestAuthority.Pems(Certificate, Authority.Intermediate, Authority.Root);

    public AuthorityChain Chain(ValidityPeriod validity = default) => AuthorityChain.FromPem(Authority.Name, Pem, validity);

    public TrustedAuthority Trusted => new(Authority.Name, Pem);

    public Timestamper Stamper => new(this, [Chain()]);

    public Task<byte[]> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken) => Task.FromResult(Answer(request.ToArray()));

    /// <summary>A time for any bytes, in the plain form, whoever would believe it.</summary>
    public byte[] Stamp(ReadOnlySpan<byte> signature)
    {
        var request = new TimeStampRequestGenerator();
        request.SetCertReq(Embeds);
        return TimestampResponse.ToPlainForm(Answer(request.Generate(TspAlgorithms.Sha256, SHA256.HashData(signature)).GetEncoded()));
    }

    /// <summary>The answer to a TimeStampReq, as it would come over a network.</summary>
    public byte[] Answer(byte[] request)
    {
        var certificates = new[] { Certificate, Authority.Intermediate, Authority.Root }.Select(DotNetUtilities.FromX509Certificate).ToList();
        var generator = new TimeStampTokenGenerator(DotNetUtilities.GetECDsaKeyPair(_key).Private, certificates[0], TspAlgorithms.Sha256, Policy);
        if (Embeds)
        {
            generator.SetCertificates(CollectionUtilities.CreateStore(certificates));
        }

        var asked = new TimeStampRequest(Tamper(request));
        return new TimeStampResponseGenerator(generator, TspAlgorithms.Allowed)
            .GenerateGrantedResponse(asked, BigInteger.ValueOf(Interlocked.Increment(ref _serial)), Now().UtcDateTime, "as you wish", null)
            .GetEncoded();
    }

    public void Dispose()
    {
        _key.Dispose();
        Certificate.Dispose();
        Authority.Dispose();
    }
}
