using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Time;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Time;

public sealed class TimestampVerifierTests : IDisposable
{
    private static readonly byte[] s_signature = [.. "a signature"u8];

    private readonly TestTimestampAuthority _tsa = new();

    [Fact]
    public async Task Stamp_ByATrustedAuthority_IsItsTime_WithOrWithoutItsCertificates()
    {
        var now = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddHours(-3);
        _tsa.Now = () => now;
        var expected = new TimestampVerdict(now, "tsa", null);

        Assert.Equal(expected, TimestampVerifier.Verify(await _tsa.Stamper.StampAsync(s_signature, default), s_signature, [_tsa.Chain()]));
        _tsa.Embeds = false;
        Assert.Equal(expected, TimestampVerifier.Verify(_tsa.Stamp(s_signature), s_signature, [_tsa.Chain()]));
    }

    [Fact]
    public void Verify_AnySignerOfTheChain_WhereNoLeafIsPinned()
    {
        Assert.Null(TimestampVerifier.Verify(_tsa.Stamp(s_signature), s_signature, [_tsa.Authority.Chain()]).Error);
    }

    [Fact]
    public void Verify_OtherSignature_OtherAuthority_OtherLeaf_AreRefused()
    {
        var stamp = _tsa.Stamp(s_signature);
        using var stranger = new TestTimestampAuthority();
        using var sibling = new TestTimestampAuthority(_tsa.Authority);

        Assert.Contains("not a timestamp of this signature", Refused(stamp, "another"u8), StringComparison.Ordinal);
        Assert.Contains("no timestamp authority is trusted", TimestampVerifier.Verify(stamp, s_signature, []).Error, StringComparison.Ordinal);
        Assert.NotNull(TimestampVerifier.Verify(stamp, s_signature, [stranger.Chain()]).Error);
        Assert.NotNull(TimestampVerifier.Verify(stamp, s_signature, [stranger.Authority.Chain()]).Error);
        Assert.Contains("not by the one certificate", TimestampVerifier.Verify(stamp, s_signature, [sibling.Chain()]).Error, StringComparison.Ordinal);
        Assert.Null(TimestampVerifier.Verify(stamp, s_signature, [stranger.Chain(), _tsa.Chain()]).Error);
    }

    [Fact]
    public void Verify_TimeOutsideTheCertificateOrTheTrust_IsRefused_AndItsEndIsGood()
    {
        var now = _tsa.Authority.From.AddDays(10);
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        _tsa.Now = () => now;
        var stamp = _tsa.Stamp(s_signature);

        Assert.Null(TimestampVerifier.Verify(stamp, s_signature, [_tsa.Chain(new ValidityPeriod(now, now))]).Error);
        Assert.Contains("is trusted until", TimestampVerifier.Verify(stamp, s_signature, [_tsa.Chain(new ValidityPeriod(null, now.AddSeconds(-1)))]).Error, StringComparison.Ordinal);
        Assert.Contains("is trusted from", TimestampVerifier.Verify(stamp, s_signature, [_tsa.Chain(new ValidityPeriod(now.AddSeconds(1), null))]).Error, StringComparison.Ordinal);
        _tsa.Now = () => _tsa.Authority.Until.AddDays(1);
        Assert.Contains("was not good at its time", Refused(_tsa.Stamp(s_signature), s_signature), StringComparison.Ordinal);
        _tsa.Now = () => _tsa.Authority.From.AddDays(-1);
        Assert.Contains("was not good at its time", Refused(_tsa.Stamp(s_signature), s_signature), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_CertificateForAnotherPurpose_IsRefused()
    {
        using var other = new TestAuthority("other", TestAuthority.CodeSigning);
        using var wrong = new TestTimestampAuthority(other);

        Assert.NotNull(TimestampVerifier.Verify(wrong.Stamp(s_signature), s_signature, [wrong.Chain()]).Error);
    }

    /// <summary>The CMS around a token is mostly signed by nobody: a changed byte must be found there too.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Verify_AnyChangedBit_IsRefused(bool embeds)
    {
        _tsa.Embeds = embeds;
        var stamp = _tsa.Stamp(s_signature);
        var chain = _tsa.Chain();
        for (var i = 0; i < stamp.Length; i++)
        {
            var changed = (byte[])stamp.Clone();
            changed[i] ^= (byte)(1 << (i % 8));
            Assert.True(TimestampVerifier.Verify(changed, s_signature, [chain]).Error is not null, $"bit {i % 8} of byte {i} of {stamp.Length}");
        }

        Assert.NotNull(Refused([.. stamp, 0], s_signature));
        Assert.NotNull(Refused(stamp[..^1], s_signature));
    }

    [Fact]
    public void Verify_AsItCameOverTheNetwork_IsNotThePlainForm()
    {
        byte[]? came = null;
        var stamper = new Timestamper(new Listening(_tsa, answer => came = answer), [_tsa.Chain()]);

        Assert.True(stamper.StampAsync(s_signature, default).IsCompletedSuccessfully);

        Assert.NotNull(Refused(came!, s_signature));
        Assert.Null(TimestampVerifier.Verify(TimestampResponse.ToPlainForm(came!), s_signature, [_tsa.Chain()]).Error);
    }

    [Fact]
    public async Task Stamp_AnswerToAnotherQuestion_OrByAStranger_IsRefused()
    {
        using var stranger = new TestTimestampAuthority();

        await Assert.ThrowsAsync<TimestampException>(() => new Timestamper(_tsa, [stranger.Chain()]).StampAsync(s_signature, default));
        await Assert.ThrowsAsync<TimestampException>(() => new Timestamper(new Answering(_tsa.Stamp(s_signature)), [_tsa.Chain()]).StampAsync(s_signature, default));
        await Assert.ThrowsAsync<TimestampException>(() => new Timestamper(new Answering([]), [_tsa.Chain()]).StampAsync(s_signature, default));
        await Assert.ThrowsAsync<TimestampException>(() => new Timestamper(new Answering(new byte[TimestampResponse.MaxBytes + 1]), [_tsa.Chain()]).StampAsync(s_signature, default));
    }

    public void Dispose() => _tsa.Dispose();

    private string? Refused(byte[] stamp, ReadOnlySpan<byte> signature) => TimestampVerifier.Verify(stamp, signature, [_tsa.Chain()]).Error;

    private sealed class Answering(byte[] answer) : ITimestampClient
    {
        public Task<byte[]> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken) => Task.FromResult(answer);
    }

    private sealed class Listening(ITimestampClient inner, Action<byte[]> heard) : ITimestampClient
    {
        public async Task<byte[]> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
        {
            var answer = await inner.AskAsync(request, cancellationToken);
            heard(answer);
            return answer;
        }
    }
}
