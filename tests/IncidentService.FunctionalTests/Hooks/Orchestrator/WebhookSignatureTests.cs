using System.Text;
using Microsoft.AspNetCore.Http;
using StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.Orchestrator;

public sealed class WebhookSignatureTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    /// <summary>The vector that the specification's own libraries test with.</summary>
    [Fact]
    public void IsGood_VectorOfTheSpecification_IsGood()
    {
        var secret = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        var body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");
        var headers = Read("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", s_now)!;

        Assert.True(WebhookSignature.IsGood(headers, body, [secret]));
        Assert.True(WebhookSignature.IsGood(headers, body, [new byte[32], secret]));
        Assert.False(WebhookSignature.IsGood(headers, body, [new byte[32]]));
        Assert.False(WebhookSignature.IsGood(headers, body, []));
        Assert.False(WebhookSignature.IsGood(headers with { Id = "msg_2" }, body, [secret]));
        Assert.False(WebhookSignature.IsGood(headers with { Timestamp = "1614265331" }, body, [secret]));
        for (var at = 0; at < body.Length; at++)
        {
            body[at] ^= 1;
            Assert.False(WebhookSignature.IsGood(headers, body, [secret]));
            body[at] ^= 1;
        }
    }

    [Theory]
    [InlineData("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    [InlineData("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    [InlineData("v1,", false)]
    [InlineData("v1,!!", false)]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=AAAA", false)]
    [InlineData("v1a,x v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", true)]
    [InlineData("a b c d e f g h v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    public void IsGood_AnyHeader_IsRead(string signature, bool isGood) => Assert.Equal(
        isGood,
        WebhookSignature.IsGood(Read(signature, s_now)!, Encoding.UTF8.GetBytes("""{"test": 2432232314}"""), [Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]));

    [Theory]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void Read_AtTheEdgeOfTheWindow_IsExact(int seconds, bool isRead) => Assert.Equal(isRead, Read("v1,x", s_now.AddSeconds(seconds)) is not null);

    private static WebhookHeaders? Read(string signature, DateTimeOffset now) => WebhookHeaders.Read(
        new HeaderDictionary
        {
            ["webhook-id"] = "msg_p5jXN8AQM9LWM0D4loKWxJek",
            ["webhook-timestamp"] = "1614265330",
            ["webhook-signature"] = signature,
        },
        now,
        out _);
}
