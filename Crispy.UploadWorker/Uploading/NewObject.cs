namespace Crispy.UploadWorker.Uploading;

/// <summary>An object that must be created.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Crc32c">CRC32C that its bytes must have, base64.</param>
/// <param name="Sha256">SHA-256 that its bytes must have, lower-case hexadecimal.</param>
/// <param name="CustomTime">When what it tells of begins, UTC: its retention counts from there.</param>
internal sealed record NewObject(string Name, string ContentType, string Crc32c, string Sha256, DateTimeOffset CustomTime);
