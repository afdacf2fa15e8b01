using System.Diagnostics;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

/// <summary>A file system in memory that is soon full. Needs the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(int megabytes)
    {
        Folder = Directory.CreateTempSubdirectory("stella-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Folder) != 0)
        {
            Directory.Delete(Folder);
            Dependency.Missing("the right to mount a tmpfs");
        }
    }

    public string Folder { get; }

    private string Hog => Path.Combine(Folder, "hog");

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Hog, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var piece = new byte[64 * 1024];
        for (var size = piece.Length; size > 0;)
        {
            try
            {
                file.Write(piece, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void MakeRoom() => File.Delete(Hog);

    public void Dispose()
    {
        Run("umount", Folder);
        Directory.Delete(Folder);
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
