using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// <c>fdatasync</c>: unlike the runtime's flush (<c>fsync</c>) it does not journal the changed time of a preallocated file, which is what
/// makes group commit cheap.
/// </summary>
internal static class DataSync
{
    private const int Interrupted = 4;

    public static void Flush(SafeFileHandle file)
    {
        while (FDataSync(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new IOException($"fdatasync failed: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    /// <summary>Makes a folder's new, renamed and deleted names durable.</summary>
    public static void FlushFolder(string path)
    {
        // The runtime opens no folders; O_RDONLY | O_DIRECTORY | O_CLOEXEC.
        var descriptor = Open(path, 0x10000 | 0x80000);
        if (descriptor < 0)
        {
            throw new IOException($"folder {path} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }

        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        Flush(folder);
    }

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static extern int FDataSync(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
