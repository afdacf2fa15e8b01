using StellaOps.Telemetry.Profiles.Notifying;
using StellaOps.Telemetry.Profiles.Tests.Schema;

namespace StellaOps.Telemetry.Profiles.Tests.Notifying;

public sealed class NotifyTemplateTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("${id}", "<id>")]
    [InlineData("a ${id}${state} b", "a <id><state> b")]
    [InlineData("$$5 and $${id}", "$5 and ${id}")]
    [InlineData("$$${id}$$", "$<id>$")]
    public void Render_FillsIn(string source, string expected)
    {
        Assert.True(NotifyTemplate.TryParse(source, out var template, out _));
        Assert.Equal(expected, template.Render(p => $"<{p}>"));
    }

    [Fact]
    public void Render_ValueLikeAPlaceholder_StaysAsItIs()
    {
        Assert.True(NotifyTemplate.TryParse("${reason}", out var template, out _));
        Assert.Equal("${tenant} $", template.Render(_ => "${tenant} $"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$")]
    [InlineData("$x")]
    [InlineData("${")]
    [InlineData("${}")]
    [InlineData("${ id }")]
    [InlineData("${id.length}")]
    public void Source_ThatIsNone_IsRefused(string source)
    {
        Assert.False(NotifyTemplate.TryParse(source, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData("", "a template has 1 to 4096 characters")]
    [InlineData("$5", "a '$' that begins no placeholder; write '${name}', or '$$' for a dollar sign")]
    [InlineData("${rule}", "'${rule}' is no placeholder; there are action, active_until, actor, detail, ended_at, event, expires_at, id, opened_by, reason, services, severity, started_at, state, tenant, version")]
    public void Problem_SaysWhatThereIs(string source, string expected)
    {
        Assert.False(NotifyTemplate.TryParse(source, out _, out var problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void Source_AboveTheBound_IsRefused() => Assert.False(NotifyTemplate.TryParse(new string('x', NotifyTemplate.MaxLength + 1), out _, out _));

    [Fact]
    public void Placeholders_AreThoseOfTheSchema()
    {
        var pattern = SchemaDocument.Of("notifications").Json["$defs"]!["template"]!["pattern"]!.GetValue<string>();
        Assert.Contains($"({string.Join('|', NotifyTemplate.Placeholders)})", pattern, StringComparison.Ordinal);
    }
}
