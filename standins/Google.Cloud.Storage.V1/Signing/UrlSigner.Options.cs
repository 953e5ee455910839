namespace Google.Cloud.Storage.V1;

public sealed partial class UrlSigner
{
    /// <summary>Where the bucket stands in a signed URL.</summary>
    public enum UrlStyle
    {
        /// <summary><c>https://storage.googleapis.com/bucket/object</c>.</summary>
        PathStyle = 0,

        /// <summary><c>https://bucket.storage.googleapis.com/object</c>.</summary>
        VirtualHostedStyle = 1,

        /// <summary><c>https://a-host-of-ones-own/object</c>.</summary>
        BucketBoundHostname = 2,
    }

    /// <summary>How a URL is signed and for how long it is good. Immutable.</summary>
    public sealed class Options
    {
        private Options()
        {
        }

        private Options(Options other)
        {
            Duration = other.Duration;
            Expiration = other.Expiration;
            SigningVersion = other.SigningVersion;
            UrlStyle = other.UrlStyle;
            Scheme = other.Scheme;
            Host = other.Host;
            Port = other.Port;
            BucketBoundHostname = other.BucketBoundHostname;
        }

        /// <summary>How long the URL is good from its signing on; null where <see cref="Expiration"/> is set.</summary>
        public TimeSpan? Duration { get; private init; }

        /// <summary>Until when the URL is good; null where <see cref="Duration"/> is set.</summary>
        public DateTimeOffset? Expiration { get; private init; }

        /// <summary>How the URL is signed.</summary>
        public SigningVersion SigningVersion { get; private init; }

        /// <summary>Where the bucket stands.</summary>
        public UrlStyle UrlStyle { get; private init; }

        /// <summary><c>https</c> or <c>http</c>.</summary>
        public string Scheme { get; private init; } = "https";

        /// <summary>The host; not used with <see cref="UrlStyle.BucketBoundHostname"/>.</summary>
        public string Host { get; private init; } = "storage.googleapis.com";

        /// <summary>The port, which stands in the URL but is not signed.</summary>
        public int? Port { get; private init; }

        /// <summary>The bucket's own host.</summary>
        public string? BucketBoundHostname { get; private init; }

        /// <summary>Options with a duration.</summary>
        public static Options FromDuration(TimeSpan duration) => new() { Duration = duration };

        /// <summary>Options with an end.</summary>
        public static Options FromExpiration(DateTimeOffset expiration) => new() { Expiration = expiration };

        /// <summary>The same with a duration.</summary>
        public Options WithDuration(TimeSpan duration) => new(this) { Duration = duration, Expiration = null };

        /// <summary>The same with an end.</summary>
        public Options WithExpiration(DateTimeOffset expiration) => new(this) { Duration = null, Expiration = expiration };

        /// <summary>The same with a signing version.</summary>
        public Options WithSigningVersion(SigningVersion version) => Enum.IsDefined(version)
            ? new(this) { SigningVersion = version }
            : throw new ArgumentException($"{version} is not a signing version", nameof(version));

        /// <summary>The same with a style.</summary>
        /// <exception cref="ArgumentException">It is <see cref="UrlStyle.BucketBoundHostname"/>, which needs a host.</exception>
        public Options WithUrlStyle(UrlStyle urlStyle) => urlStyle is UrlStyle.PathStyle or UrlStyle.VirtualHostedStyle
            ? new(this) { UrlStyle = urlStyle, BucketBoundHostname = null }
            : throw new ArgumentException($"Use {nameof(WithBucketBoundHostname)} instead", nameof(urlStyle));

        /// <summary>The same with a scheme, <c>https</c> where null.</summary>
        /// <exception cref="ArgumentException">It is neither http nor https.</exception>
        public Options WithScheme(string? scheme) => scheme?.ToLowerInvariant() is null or "http" or "https"
            ? new(this) { Scheme = scheme?.ToLowerInvariant() ?? "https" }
            : throw new ArgumentException("Only http and https are supported.", nameof(scheme));

        /// <summary>The same with a host, the public one where null.</summary>
        public Options WithHost(string? host) => new(this) { Host = host ?? "storage.googleapis.com" };

        /// <summary>The same with a port, the scheme's own where null.</summary>
        public Options WithPort(int? port) => new(this) { Port = port };

        /// <summary>The same at the bucket's own host.</summary>
        public Options WithBucketBoundHostname(string bucketBoundHostname)
        {
            ArgumentNullException.ThrowIfNull(bucketBoundHostname);
            return new(this) { UrlStyle = UrlStyle.BucketBoundHostname, BucketBoundHostname = bucketBoundHostname };
        }
    }
}
