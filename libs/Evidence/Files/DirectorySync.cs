using System.Runtime.InteropServices;

namespace StellaOps.Telemetry.Evidence.Files;

/// <summary>fsync of a folder: without it a rename may not survive the death of the machine. The BCL opens no folder.</summary>
public static class DirectorySync
{
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Flushes the folder's entries to the disk.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Flush(string folder) => Flush(folder, Sync);

    /// <summary>Flushes all of the file system that the folder is on: cheaper than thousands of files one by one.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void FlushAll(string folder) => Flush(folder, SyncFileSystem);

    private static void Flush(string folder, Func<int, int> sync)
    {
        var descriptor = Open(folder, ReadOnlyCloseOnExec);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw error == 2 ? new DirectoryNotFoundException(folder) : new IOException($"cannot open the folder '{folder}': {Marshal.GetPInvokeErrorMessage(error)}");
        }

        try
        {
            if (sync(descriptor) != 0)
            {
                throw new IOException($"cannot flush the folder '{folder}': {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static extern int SyncFileSystem(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
