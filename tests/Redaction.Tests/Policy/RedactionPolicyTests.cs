using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Redaction.Tests.TestServices;

namespace StellaOps.Telemetry.Redaction.Tests.Policy;

public sealed class RedactionPolicyTests
{
    [Fact]
    public void Load_Faults_AreAllNamedWithLineAndColumn()
    {
        const string Document = """
            apiVersion: telemetry.stella-ops.org/v1
            kind: RedactionPolicy
            metadata: { name: x }
            spec:
              blocked_value: []
              blocked_values:
                - { rule: a, action: erase, class: email }
                - { rule: b, action: mask, class: shoe_size }
                - { rule: c, action: mask }
            """;

        var error = Assert.Throws<RedactionPolicyException>(() => RedactionPolicyLoader.Load(new StringReader(Document)));

        Assert.Equal([(5, 3), (7, 26), (8, 39), (9, 7)], error.Faults.Select(f => (f.Line, f.Column)));
    }

    [Theory]
    [InlineData("a: [")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("kind: RedactionPolicy")]
    public void Load_NoPolicy_IsRefused(string document)
    {
        Assert.Throws<RedactionPolicyException>(() => RedactionPolicyLoader.Load(new StringReader(document)));
    }

    [Fact]
    public void Compile_WithoutHmacKey_IsRefused()
    {
        var error = Assert.Throws<RedactionPolicyException>(() => CompiledPolicy.Compile(Baseline.Load(), default));

        Assert.Contains("HMAC key", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ValueClass.Ipv4, null)]
    [InlineData(ValueClass.Card, null)]
    [InlineData(ValueClass.NationalId, null)]
    [InlineData(ValueClass.Email, null)]
    [InlineData(ValueClass.Pattern, "[0-9]{6}")]
    public void Compile_HashOfWhatCanBeGuessed_IsRefused(ValueClass valueClass, string? pattern)
    {
        Assert.Throws<RedactionPolicyException>(() => Compile(new ValueRule("r", RedactionAction.Hash, valueClass, pattern)));
    }

    [Theory]
    [InlineData("(a)\\1")]
    [InlineData("(")]
    [InlineData("redacted")]
    [InlineData("hmac")]
    public void Compile_PatternThatCannotBeUsed_IsRefused(string pattern)
    {
        Assert.Throws<RedactionPolicyException>(() => Compile(new ValueRule("r", RedactionAction.Mask, ValueClass.Pattern, pattern)));
    }

    [Theory]
    [InlineData(RedactionAction.Mask, "é [ticket] ü")]
    [InlineData(RedactionAction.Drop, "é  ü")]
    public void Redact_OwnPattern_ActsOnTheMatchOnly(RedactionAction action, string expected)
    {
        var redactor = new Redactor(Compile(new ValueRule("ticket", action, ValueClass.Pattern, "TCK-[0-9]{6}")));

        var bytes = Baseline.Redact(OtlpSignal.Traces, Places.Record(Proto.Str(5, "é TCK-123456 ü")), redactor: redactor).Bytes;

        Assert.Equal(Places.Record(Proto.Str(5, expected)), bytes);
    }

    [Fact]
    public void Redact_DroppedKey_TakesTheAttributeAway()
    {
        var policy = new RedactionPolicy { Name = "p", BlockedKeyPatterns = [new KeyRule("k", RedactionAction.Drop, [], false, ["^debug\\."])] };
        var redactor = new Redactor(CompiledPolicy.Compile(policy, Baseline.Secrets));

        var bytes = Baseline.Redact(OtlpSignal.Traces, Places.Record(Proto.Attribute(9, "Debug.x", Proto.Text("v")), Proto.Str(5, "n")), redactor: redactor).Bytes;

        Assert.Equal(Places.Record(Proto.Str(5, "n")), bytes);
    }

    [Fact]
    public void Redact_IgnoredKey_IsNotLookedAt()
    {
        var policy = Baseline.Load() with { IgnoredKeys = ["host.ip"] };
        var redactor = new Redactor(CompiledPolicy.Compile(policy, Baseline.Secrets));

        Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(OtlpSignal.Traces, Places.Record(Proto.Attribute(9, "Host.IP", Proto.Text("10.1.2.3"))), redactor: redactor).Outcome);
        Assert.Equal(RedactionOutcome.Changed, Baseline.Redact(OtlpSignal.Traces, Places.Record(Proto.Attribute(9, "host.ip2", Proto.Text("10.1.2.3"))), redactor: redactor).Outcome);
    }

    [Fact]
    public void Hash_ChangesWithThePolicyAndNotWithTheSecrets()
    {
        var policy = Baseline.Load();
        var hash = CompiledPolicy.Compile(policy, Baseline.Secrets).Hash;

        Assert.Equal(hash, CompiledPolicy.Compile(policy, new RedactionSecrets(new byte[32])).Hash);
        Assert.NotEqual(hash, CompiledPolicy.Compile(policy with { AllowedValues = [] }, Baseline.Secrets).Hash);
    }

    private static CompiledPolicy Compile(ValueRule rule) =>
        CompiledPolicy.Compile(new RedactionPolicy { Name = "p", BlockedValues = [rule] }, Baseline.Secrets);
}
