using System.Text;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

public sealed class ProfileClosureTests
{
    private static readonly ProfileDocument s_document = new("p.yaml", "a: \"ü\"\n");

    [Fact]
    public void ToBytes_AnyOrderOfDocuments_IsOneCanonicalForm()
    {
        var closure = new ProfileClosure("p", 7, null, [new("redaction/q.yaml", ""), s_document]);

        Assert.Equal(
            """{"documents":[{"path":"p.yaml","text":"a: \"ü\"\n"},{"path":"redaction/q.yaml","text":""}],"overlay":null,"profile":"p","schema":"https://stella-ops.org/telemetry/profile-closure/v1","version":7}""",
            Encoding.UTF8.GetString(closure.ToBytes()));
        Assert.Equal("cbc1c29ca74ac2fd18f9656a1a8afbb993d6beef0f6bb7bab38b7b6fbe040fc8", closure.Digest);
        Assert.Equal("p-7.closure.json", closure.SubjectName);
        Assert.Equal("", closure.Read("redaction/q.yaml"));
        Assert.Null(closure.Read("q.yaml"));
    }

    [Fact]
    public void TryParse_WhatToBytesGave_IsTheSame()
    {
        var closure = SigningTexts.Closure(3, "prod");

        Assert.True(ProfileClosure.TryParse(closure.ToBytes(), out var read, out var why), why);
        Assert.Equal((closure.Digest, "shop", 3, "prod"), (read.Digest, read.Profile, read.Version, read.Overlay));
        Assert.Equal(closure.Documents, read.Documents);
    }

    [Theory]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"version\":1}", "\"version\":1} ", "not the canonical form")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"version\":1}", "\"version\":1.0}", "version")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"version\":1}", "\"version\":0}", "0 is no version")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"version\":1}", "\"version\":9007199254740992}", "is no version")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"version\":1}", "\"version\":\"1\"}", "version")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"version\":1}", "\"version\":1,\"x\":1}", "x")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"profile\":\"p\",", "", "profile")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"profile\":\"p\"", "\"profile\":\"../p\"", "no profile's name")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"profile\":\"p\"", "\"profile\":\"p\",\"profile\":\"p\"", "profile")]
    [InlineData("""{"path":"p.yaml","text":""}""", "\"overlay\":null", "\"overlay\":\"a/b\"", "no environment's name")]
    [InlineData("""{"path":"p.yaml","text":""}""", "closure/v1", "closure/v2", "not a closure of schema")]
    [InlineData("""{"path":"../p.yaml","text":""}""", "", "", "no document's path")]
    [InlineData("""{"path":"/p.yaml","text":""}""", "", "", "no document's path")]
    [InlineData("""{"path":"a/b/c/p.yaml","text":""}""", "", "", "no document's path")]
    [InlineData("""{"path":"overlays/../p.yaml","text":""}""", "", "", "no document's path")]
    [InlineData("""{"path":"p.yml","text":""}""", "", "", "no document's path")]
    [InlineData("""{"path":"p.yaml","text":""},{"path":"p.yaml","text":""}""", "", "", "is there twice")]
    [InlineData("""{"path":"q.yaml","text":""},{"path":"p.yaml","text":""}""", "", "", "not the canonical form")]
    [InlineData("""{"path":"p.yaml","text":null}""", "", "", "text")]
    [InlineData("""{"path":"p.yaml","text":"\ud800"}""", "", "", "")]
    [InlineData("", "", "", "1 to 64 documents")]
    public void TryParse_AnythingElse_IsRefusedWithTheReason(string documents, string what, string instead, string reason)
    {
        var whole = $$"""{"documents":[{{documents}}],"overlay":null,"profile":"p","schema":"https://stella-ops.org/telemetry/profile-closure/v1","version":1}""";
        var text = what.Length == 0 ? whole : whole.Replace(what, instead, StringComparison.Ordinal);
        Assert.True(what.Length == 0 || text != whole);

        Assert.False(ProfileClosure.TryParse(Encoding.UTF8.GetBytes(text), out _, out var why));

        Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_TooManyBytesOrDocuments_IsRefused()
    {
        Assert.False(ProfileClosure.TryParse(new byte[ProfileClosure.MaxBytes + 1], out _, out var why));
        Assert.Contains("at most", why, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ProfileClosure("p", 1, null, [s_document with { Text = new string('x', ProfileClosure.MaxBytes) }]));
        Assert.Throws<ArgumentException>(() => new ProfileClosure("p", 1, null, Enumerable.Range(0, ProfileClosure.MaxDocuments + 1).Select(i => new ProfileDocument($"p{i}.yaml", ""))));
    }
}
