using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.ProfileService.Trust;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Database;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.ProfileService.Versions;

internal static class VersionsApi
{
    private const string SigstoreType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    public static RouteGroupBuilder MapVersionsApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/profiles").WithTags("Profiles").RequireAllTenants().AddEndpointFilter<StoredBytesFilter>();
        group.MapGet("/", ListProfilesAsync).RequireScope(KnownScopes.ProfilesRead).WithName("ListProfiles").WithSummary("Profiles by their latest version");
        group.MapGet("/{name}/versions", ListVersionsAsync).RequireScope(KnownScopes.ProfilesRead).WithName("ListProfileVersions").WithSummary("A profile's versions, newest first");
        group.MapPost("/{name}/versions", PublishAsync).RequireScope(KnownScopes.ProfilesWrite).WithName("PublishProfile").WithSummary("Stores a version that its author signed; it must be the next one");
        group.MapGet("/{name}/versions/{version:long}", GetAsync).RequireScope(KnownScopes.ProfilesRead).WithName("GetProfileVersion").WithSummary("One version with its approvals");
        group.MapGet("/{name}/versions/{version:long}/closure", GetClosureAsync).RequireScope(KnownScopes.ProfilesRead).WithName("GetProfileClosure").WithSummary("The signed source closure");
        group.MapGet("/{name}/versions/{version:long}/author", GetAuthorAsync).RequireScope(KnownScopes.ProfilesRead).WithName("GetProfileAuthor").WithSummary("The author's Sigstore bundle");
        group.MapGet("/{name}/versions/{version:long}/approvals/{number:int}", GetApprovalAsync).RequireScope(KnownScopes.ProfilesRead).WithName("GetProfileApproval").WithSummary("The Sigstore bundle of an approval");
        group.MapPost("/{name}/versions/{version:long}/approvals", ApproveAsync).RequireScope(KnownScopes.ProfilesApprove).WithName("ApproveProfile").WithSummary("Stores a signed approval by somebody who did not write the version");
        return group;
    }

    private static async Task<Results<Ok<Page<ProfileResponse>>, ProblemHttpResult>> ListProfilesAsync(VersionStore versions, string? cursor, int? limit, CancellationToken cancellationToken) =>
        limit is < 1 or > VersionRules.MaxPageSize
            ? Problems.Validation(("limit", $"must be 1 to {VersionRules.MaxPageSize}"))
            : TypedResults.Ok(await versions.ListProfilesAsync(cursor, limit ?? VersionRules.DefaultPageSize, cancellationToken));

    private static async Task<Results<Ok<Page<ProfileVersionResponse>>, ProblemHttpResult>> ListVersionsAsync(
        string name, VersionStore versions, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > VersionRules.MaxPageSize)
        {
            return Problems.Validation(("limit", $"must be 1 to {VersionRules.MaxPageSize}"));
        }

        var before = 0L;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            return Problems.Validation(("cursor", "is not one of ours"));
        }

        return TypedResults.Ok(await versions.ListVersionsAsync(name, cursor is null ? null : before, limit ?? VersionRules.DefaultPageSize, cancellationToken));
    }

    private static async Task<Results<Created<ProfileVersionResponse>, ProblemHttpResult>> PublishAsync(
        string name, PublishProfileRequest request, HttpContext http, VersionStore versions, TrustState trust, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, CancellationToken cancellationToken)
    {
        List<(string Field, string Message)> faults =
            [.. Idempotency.FaultsOf(idempotencyKey), .. VersionRules.FaultsOfClosure(request.Closure), .. VersionRules.FaultsOfBundle("author", request.Author)];
        if (faults.Count > 0)
        {
            return Problems.Validation(faults);
        }

        if (!trust.Current.Versions.TryJudge(request.Closure, request.Author, out var judged, out var refused))
        {
            return RefusedProblem.Of(refused);
        }

        if (judged.Closure.Profile != name)
        {
            return Problems.Validation(("closure", $"is of the profile '{judged.Closure.Profile}', not of '{name}'"));
        }

        var (outcome, version, latest) = await versions.PublishAsync(judged, request, http.User.Actor(), idempotencyKey, cancellationToken);
        return outcome switch
        {
            PublishOutcome.KeyReused => Problems.IdempotencyMismatch(),
            PublishOutcome.NotNext => Problems.Conflict($"The latest version of '{name}' is {latest}: sign this as version {latest + 1}, not {judged.Closure.Version}."),
            _ => TypedResults.Created($"/api/v1/profiles/{name}/versions/{judged.Closure.Version}", version!.ToResponse()),
        };
    }

    private static async Task<Results<Created<ProfileVersionResponse>, ProblemHttpResult>> ApproveAsync(
        string name, long version, ApproveProfileRequest request, HttpContext http, VersionStore versions, TrustState trust, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, CancellationToken cancellationToken)
    {
        List<(string Field, string Message)> faults = [.. Idempotency.FaultsOf(idempotencyKey), .. VersionRules.FaultsOfBundle("approval", request.Approval)];
        if (faults.Count > 0)
        {
            return Problems.Validation(faults);
        }

        if (await versions.FindAsync(name, version, cancellationToken) is not { } found)
        {
            return NoVersion(name, version);
        }

        if (!trust.Current.Versions.TryJudgeApproval(found.Judged.Closure, request.Approval, out var judged, out var refused))
        {
            return RefusedProblem.Of(refused);
        }

        if (judged.Predicate.BreakGlass is not null)
        {
            return Problems.Validation(("approval", "breaks the glass: it serves one deployment, and is sent with its rollout"));
        }

        if (judged.Person.Equals(found.Judged.Author, StringComparison.OrdinalIgnoreCase))
        {
            return RefusedProblem.Of(new DeploymentJudgement.Refused(DeploymentRefusal.SelfApproved, $"{judged.Person} wrote version {version} of '{name}' and cannot approve it: ask somebody else"));
        }

        var (outcome, approved) = await versions.ApproveAsync(found, judged, request, http.User.Actor(), idempotencyKey, cancellationToken);
        return outcome switch
        {
            ApproveOutcome.KeyReused => Problems.IdempotencyMismatch(),
            ApproveOutcome.ApprovedBefore => Problems.Conflict($"{judged.Person} approved version {version} of '{name}' before."),
            ApproveOutcome.TooMany => Problems.Conflict($"Version {version} of '{name}' has {VersionRules.MaxApprovals} approvals, which is as many as there may be."),
            _ => TypedResults.Created($"/api/v1/profiles/{name}/versions/{version}", approved!.ToResponse()),
        };
    }

    private static async Task<Results<Ok<ProfileVersionResponse>, ProblemHttpResult>> GetAsync(string name, long version, VersionStore versions, CancellationToken cancellationToken) =>
        await versions.FindAsync(name, version, cancellationToken) is { } found ? TypedResults.Ok(found.ToResponse()) : NoVersion(name, version);

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetClosureAsync(string name, long version, VersionStore versions, CancellationToken cancellationToken) =>
        await versions.FindAsync(name, version, cancellationToken) is { } found ? TypedResults.Bytes(found.Row.Closure, "application/json") : NoVersion(name, version);

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetAuthorAsync(string name, long version, VersionStore versions, CancellationToken cancellationToken) =>
        await versions.FindAsync(name, version, cancellationToken) is { } found ? TypedResults.Bytes(found.Row.Author, SigstoreType) : NoVersion(name, version);

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetApprovalAsync(string name, long version, int number, VersionStore versions, CancellationToken cancellationToken)
    {
        var found = await versions.FindAsync(name, version, cancellationToken);
        return found?.Approvals.FirstOrDefault(a => a.Row.Number == number) is { } approval
            ? TypedResults.Bytes(approval.Row.Approval, SigstoreType)
            : Problems.NotFound($"There is no approval {number} of version {version} of '{name}'.");
    }

    private static ProblemHttpResult NoVersion(string name, long version) => Problems.NotFound($"There is no version {version} of '{name}'.");
}
