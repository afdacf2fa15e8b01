using System.Net;
using System.Text.Json;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.Hosting;

/// <summary>Errors are problem details with a stable type.</summary>
public static class ProblemAssert
{
    /// <summary>Reads the answer's problem and fails unless status and type are these.</summary>
    public static async Task<JsonElement> IsAsync(HttpStatusCode status, string type, HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode} instead of {(int)status}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal(type, problem.GetProperty("type").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        return problem;
    }
}
