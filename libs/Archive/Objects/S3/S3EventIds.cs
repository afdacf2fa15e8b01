namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>Event ids 1380 to 1389: one id means one event.</summary>
internal static class S3EventIds
{
    public const int CredentialsChanged = 1380;
    public const int CredentialsRefused = 1381;
    public const int Retried = 1382;
    public const int UploadAborted = 1383;
    public const int UploadsNotListed = 1384;
    public const int ReadResumed = 1385;
    public const int UploadBegunAgain = 1386;
}
