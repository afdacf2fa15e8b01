using StellaOps.Telemetry.IngestGateway.Sampling.Policies;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling.Policies;

public sealed class TextConditionsTests
{
    [Fact]
    public void Match_ManyConditions_MarksThoseThatNameTheTextAndNoOther()
    {
        var conditions = Enumerable.Range(0, 200).Select(i => new TextCondition("http.route", [$"/v{i % 150}", "/shared", ""]) { Bit = i }).ToList();
        var texts = new TextConditions(conditions);
        foreach (var text in new[] { "/v0", "/v49", "/v149", "/shared", "/v150", "" })
        {
            var bits = new ulong[4];
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);

            texts.Match(bytes, bits);

            Assert.Equal(
                conditions.Where(c => c.Matches(bytes, default)).Select(c => c.Bit),
                Enumerable.Range(0, 256).Where(i => (bits[i >> 6] >> (i & 63) & 1) != 0));
        }
    }

    [Fact]
    public void Match_NoCondition_MarksNothing()
    {
        var bits = new ulong[1];
        new TextConditions([]).Match("x"u8, bits);
        Assert.Equal(0ul, bits[0]);
    }
}
