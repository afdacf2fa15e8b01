using System.Text.Json;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

/// <summary>From a new key to a deployment that a receiver accepts, by the command line alone.</summary>
public sealed class SigningCommandTests : IDisposable
{
    private readonly ProfileSandbox _sandbox = new();

    [Fact]
    public async Task KeysSignApprove_OfTwoPeople_MakeWhatAReceiverAccepts()
    {
        await SucceedsAsync("keys", "new", "ada", "--use", "profile-author", "--person", "ada", "--trust", "trust.json");
        await SucceedsAsync("keys", "new", "ben", "--use", "profile-approval", "--person", "ben", "--trust", "trust.json");
        await SucceedsAsync("keys", "new", "rollout", "--use", "profile-deployment", "--trust", "trust.json");
        await SucceedsAsync("profile", "sign", "child", "--version", "3", "--overlay", "prod", "--key", "ada.key");
        await SucceedsAsync("profile", "approve", "--closure", "child-3/closure.json", "--key", "ben.key", "--comment", "fine", "-o", "approval.json");

        Assert.True(ProfileClosure.TryParse(Bytes("child-3/closure.json"), out var closure, out var why), why);
        using var rollout = CosignKey.Load(At("rollout.key"), At("rollout.password"));
        var package = new DeploymentPackage(
            closure.ToBytes(), Bytes("child-3/author.sigstore.json"), [Bytes("approval.json")], new ProfileSigner(rollout).Deploy(closure, 1, 0, "r", null, TimeProvider.System.GetUtcNow()));
        var judge = new DeploymentJudge(TrustStore.Load(At("trust.json")), new ProfileTrust(new Dictionary<string, int> { ["child"] = 1 }, null));
        var accepted = Assert.IsType<DeploymentJudgement.Accepted>(judge.Judge(package, DeploymentMemory.None));

        Assert.Equal(("child", 3, "prod"), (closure.Profile, closure.Version, closure.Overlay));
        Assert.Equal(("ada", "ben"), (accepted.Author, Assert.Single(accepted.Approvers)));
        Assert.Equal(["base.yaml", "child.yaml", "overlays/prod/child.yaml", "redaction/plain.yaml"], closure.Documents.Select(d => d.Path));
    }

    [Fact]
    public async Task Sign_PemKeyOrNamedKeyOfTheState_SignsTheSameVersion()
    {
        using var key = SigningKey.Create();
        Directory.CreateDirectory(At(".stella/keys"));
        key.Save(At("pem.key"));
        File.Copy(At("pem.key"), At(".stella/keys/author.key"));

        await SucceedsAsync("profile", "sign", "child", "--version", "1", "--key", "pem.key", "-o", "a");
        await SucceedsAsync("profile", "sign", "profiles/child.yaml", "--version", "1", "--key", "author", "-o", "b");

        Assert.Equal(Bytes("a/closure.json"), Bytes("b/closure.json"));
    }

    [Fact]
    public async Task KeysNew_PasswordFromTheEnvironment_IsWhatOpensIt()
    {
        var cli = _sandbox.Run();
        cli.Environment["COSIGN_PASSWORD"] = "secret";

        Assert.Equal(0, await cli.RunAsync("telemetry", "keys", "new", "ada", "--output", "json"));

        Assert.False(File.Exists(At("ada.password")));
        using var key = CosignKey.Read(await File.ReadAllTextAsync(At("ada.key")), "secret");
        Assert.Equal(key.KeyId, JsonSerializer.Deserialize(cli.Out, ContractsJson.Default.TrustedKey)!.KeyId);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("ada.key")));
        await FailsAsync(2, "there is no password", "profile", "sign", "child", "--version", "1", "--key", "ada.key");
    }

    [Fact]
    public async Task KeysNew_NameTaken_LeavesTheOldKey()
    {
        await SucceedsAsync("keys", "new", "ada");
        var before = Bytes("ada.key");

        await FailsAsync(1, "is there already", "keys", "new", "ada");

        Assert.Equal(before, Bytes("ada.key"));
    }

    [Fact]
    public async Task KeysNew_UnknownUseOrNoPerson_IsWrongUsage()
    {
        await FailsAsync(2, "nothing asks for the use 'x'", "keys", "new", "a", "--use", "x");
        await FailsAsync(2, "say whose it is", "keys", "new", "a", "--use", "profile-author");
        await FailsAsync(2, "no name for files", "keys", "new", "../a");
        Assert.Empty(Directory.EnumerateFiles(_sandbox.Folder, "*.key"));
    }

    [Fact]
    public async Task Sign_BadProfileOrVersion_SignsNothing()
    {
        await SucceedsAsync("keys", "new", "ada");
        await FailsAsync(2, "0 is no version", "profile", "sign", "child", "--version", "0", "--key", "ada.key");
        _sandbox.Write("child.yaml", ProfileSandbox.Child.Replace("20m", "soon", StringComparison.Ordinal));

        await FailsAsync(1, "soon", "profile", "sign", "child", "--version", "1", "--key", "ada.key");

        Assert.Empty(Directory.EnumerateDirectories(_sandbox.Folder, "child-*"));
    }

    [Fact]
    public async Task Approve_ChangedClosure_IsNotVerified()
    {
        await SucceedsAsync("keys", "new", "ada");
        await SucceedsAsync("profile", "sign", "child", "--version", "1", "--key", "ada.key");
        await File.AppendAllTextAsync(At("child-1/closure.json"), "\n");

        await FailsAsync(3, "not the canonical form", "profile", "approve", "--closure", "child-1/closure.json", "--key", "ada.key", "-o", "x");

        Assert.False(File.Exists(At("x")));
    }

    public void Dispose() => _sandbox.Dispose();

    private string At(string path) => Path.Combine(_sandbox.Folder, path);

    private byte[] Bytes(string path) => File.ReadAllBytes(At(path));

    private async Task SucceedsAsync(params string[] args)
    {
        var cli = _sandbox.Run();
        Assert.True(await cli.RunAsync(["telemetry", .. args]) == 0, cli.Error);
    }

    private async Task FailsAsync(int exitCode, string error, params string[] args)
    {
        var cli = _sandbox.Run();
        Assert.Equal(exitCode, await cli.RunAsync(["telemetry", .. args]));
        Assert.Contains(error, cli.Error, StringComparison.Ordinal);
    }
}
