using System.Text.RegularExpressions;
using Crispy.CloudEmulator.Http;
using Microsoft.Data.Sqlite;

namespace Crispy.CloudEmulator.Storing;

/// <summary>One bucket's own record. What its owner set beyond the first few is kept as it came, and acts on nothing.</summary>
internal sealed record Bucket(
    string Name, string Project, string Location, string StorageClass, DateTimeOffset Created, DateTimeOffset Updated, long Metageneration,
    BucketSettings Settings);

/// <summary>The buckets and their folders.</summary>
internal sealed partial class Buckets(Ledger ledger, ObjectStore objects, TimeProvider time)
{
    private const string Columns = "name, project, location, storage_class, created, updated, metageneration, settings";

    public Bucket Get(string name) => ledger.Read(statements => Find(statements, name));

    /// <summary>In the order of their names, those after a name.</summary>
    public List<Bucket> List(string prefix, string after = "") =>
        [.. ledger.Read(statements => statements.All($"SELECT {Columns} FROM buckets WHERE name > $1 ORDER BY name", Read, after))
            .Where(bucket => bucket.Name.StartsWith(prefix, StringComparison.Ordinal))];

    /// <exception cref="StorageException">400 for a name against the rules, 409 when it exists.</exception>
    public async Task<Bucket> CreateAsync(string name, string project, BucketSettings settings, string location = "US",
        string storageClass = "STANDARD")
    {
        if (!IsName(name)) throw new StorageException(400, "invalid", "InvalidBucketName", $"Invalid bucket name: '{name}'");
        var now = time.GetUtcNow();
        var bucket = new Bucket(name, project, location.ToUpperInvariant(), storageClass, now, now, 1, settings);
        await ledger.ChangeAsync(statements =>
        {
            if (ObjectStore.BucketExists(statements, name))
                throw StorageException.Conflict("BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it.");
            statements.Execute($"INSERT INTO buckets ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                name, project, bucket.Location, storageClass, now.UtcTicks, now.UtcTicks, 1, settings.ToString());
        });
        objects.AddBucketFolder(name);
        return bucket;
    }

    /// <summary>New settings, the next metageneration.</summary>
    /// <exception cref="StorageException">404, or 412.</exception>
    public Task<Bucket> ChangeAsync(string name, Preconditions preconditions,
        Func<BucketSettings, BucketSettings> change, string? storageClass) =>
        ledger.ChangeAsync(statements =>
        {
            var current = Find(statements, name);
            preconditions.Check(current.Metageneration);
            var next = current with
            {
                Settings = change(current.Settings),
                StorageClass = storageClass ?? current.StorageClass,
                Metageneration = current.Metageneration + 1,
                Updated = time.GetUtcNow(),
            };
            statements.Execute("UPDATE buckets SET settings = $2, storage_class = $3, metageneration = $4, updated = $5 WHERE name = $1",
                name, next.Settings.ToString(), next.StorageClass, next.Metageneration, next.Updated.UtcTicks);
            return next;
        });

    /// <exception cref="StorageException">404, 409 while it holds objects, or 412.</exception>
    public async Task DeleteAsync(string name, Preconditions preconditions)
    {
        await ledger.ChangeAsync(statements =>
        {
            preconditions.Check(Find(statements, name).Metageneration);
            if (statements.First("SELECT 1 FROM objects WHERE bucket = $1 LIMIT 1", _ => true, name))
                throw StorageException.Conflict("BucketNotEmpty", "The bucket you tried to delete is not empty.");
            statements.Execute("DELETE FROM buckets WHERE name = $1", name);
        });
        objects.RemoveBucketFolder(name);
    }

    /// <summary>
    /// 3 to 63 of lower-case letters, digits, "-", "_", with a letter or digit at both ends. With dots up to 222, and each part 1 to 63. No
    /// IPv4 address, nothing of Google's name.
    /// </summary>
    public static bool IsName(string name) =>
        name.Length is >= 3 and <= 222 && NameRule().IsMatch(name) && name.Split('.').All(part => part.Length is >= 1 and <= 63)
        && !AddressRule().IsMatch(name) && !name.StartsWith("goog", StringComparison.Ordinal)
        && !name.Contains("google", StringComparison.Ordinal);

    private static Bucket Find(Statements statements, string name) =>
        statements.First($"SELECT {Columns} FROM buckets WHERE name = $1", Read, name) ?? throw StorageException.NoBucket(name);

    [GeneratedRegex(@"^\d+\.\d+\.\d+\.\d+$")]
    private static partial Regex AddressRule();

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]*[a-z0-9]$")]
    private static partial Regex NameRule();

    private static Bucket Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3),
        new(row.GetInt64(4), TimeSpan.Zero), new(row.GetInt64(5), TimeSpan.Zero), row.GetInt64(6), BucketSettings.Parse(row.GetString(7)));
}
