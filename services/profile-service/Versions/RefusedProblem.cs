using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>The answer to something signed that was judged and refused; the extension <c>refusal</c> says why in one word.</summary>
internal static class RefusedProblem
{
    public static ProblemHttpResult Of(DeploymentJudgement.Refused refused) => Of(refused.Reason, refused.Text, KnownProblems.Refused, StatusCodes.Status422UnprocessableEntity);

    public static ProblemHttpResult Of(StoredBytesException exception) => exception.IsTampering
        ? Of(exception.Reason, exception.Message, KnownProblems.Tampered, StatusCodes.Status500InternalServerError)
        : Of(exception.Reason, exception.Message, KnownProblems.Refused, StatusCodes.Status422UnprocessableEntity);

    private static ProblemHttpResult Of(DeploymentRefusal reason, string text, string type, int status) => TypedResults.Problem(
        text,
        statusCode: status,
        type: type,
        title: type == KnownProblems.Tampered ? "The database does not hold what was signed" : "Refused",
        extensions: new Dictionary<string, object?> { ["refusal"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()) });
}
