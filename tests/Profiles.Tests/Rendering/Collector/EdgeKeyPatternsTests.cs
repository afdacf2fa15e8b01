using System.Text.RegularExpressions;
using StellaOps.Telemetry.Profiles.Rendering.Collector;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Collector;

public sealed class EdgeKeyPatternsTests
{
    private static readonly KeyRule s_sessions = new("sessions", RedactionAction.Mask, ["token", "set_cookie", "session_id", "sessionid", "x_auth", "otp"], false, []);

    private static readonly KeyRule s_credentials = new("credentials", RedactionAction.Mask, ["password", "private_key", "secret"], true, []);

    [Theory]
    [InlineData("token", true)]
    [InlineData("access_token", true)]
    [InlineData("accessToken", true)]
    [InlineData("AccessToken", true)]
    [InlineData("HTTPToken", true)]
    [InlineData("x-token-", true)]
    [InlineData("TOKEN", true)]
    [InlineData("http.request.header.set-cookie", true)]
    [InlineData("setCookie", true)]
    [InlineData("SetCookie", true)]
    [InlineData("mySetCookie", true)]
    [InlineData("session.id", true)]
    [InlineData("userSessionId", true)]
    [InlineData("sessionId", true)]
    [InlineData("sessionid", true)]
    [InlineData("x--auth", true)]
    [InlineData("token.count", false)]
    [InlineData("tokens", false)]
    [InlineData("mytoken", false)]
    [InlineData("photo", false)]
    [InlineData("cookie", false)]
    [InlineData("session", false)]
    public void Of_LastWords_MatchAsTheGatewayDoes(string key, bool matches)
    {
        Assert.Equal(matches, Matches(s_sessions, key));
        Assert.Equal(matches, GatewayRedaction.Finds(s_sessions, key));
    }

    [Theory]
    [InlineData("db.password", true)]
    [InlineData("userPasswordHash", true)]
    [InlineData("PGPASSWORD", true)]
    [InlineData("private-key-file", true)]
    [InlineData("privateKey", true)]
    [InlineData("client_secrets", true)]
    [InlineData("pass_word", false, true)]
    [InlineData("key.private", false)]
    [InlineData("passport", false)]
    public void Of_Anywhere_MatchesAsTheGatewayDoes(string key, bool matches, bool gatewayFindsMore = false)
    {
        Assert.Equal(matches, Matches(s_credentials, key));

        // A word with a separator inside is the gateway's alone: an expression that allowed one between all letters could not be read by anybody.
        Assert.Equal(matches || gatewayFindsMore, GatewayRedaction.Finds(s_credentials, key));
    }

    [Fact]
    public void Of_EveryExpression_IsOneOfRe2() =>
        Assert.All(EdgeKeyPatterns.Of(s_sessions).Concat(EdgeKeyPatterns.Of(s_credentials)), p => Assert.True(Re2.Accepts(p), p));

    private static bool Matches(KeyRule rule, string key) => EdgeKeyPatterns.Of(rule).Any(p => new Regex(p, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch(key));
}
