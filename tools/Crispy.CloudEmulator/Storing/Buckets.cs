using System.Text.RegularExpressions;
using Crispy.CloudEmulator.Http;
using Microsoft.Data.Sqlite;

namespace Crispy.CloudEmulator.Storing;

/// <summary>One bucket's own record.</summary>
internal sealed record Bucket(string Name, string Project, string Location, string StorageClass, DateTimeOffset Created, DateTimeOffset Updated, long Metageneration);

/// <summary>The buckets and their folders.</summary>
internal sealed partial class Buckets(Ledger ledger, ObjectStore objects, TimeProvider time)
{
    private const string Columns = "name, project, location, storage_class, created, updated, metageneration";

    public Bucket Get(string name) =>
        ledger.Read(statements => statements.First($"SELECT {Columns} FROM buckets WHERE name = $1", Read, name))
        ?? throw StorageException.NoBucket(name);

    public List<Bucket> List(string prefix) =>
        [.. ledger.Read(statements => statements.All($"SELECT {Columns} FROM buckets ORDER BY name", Read))
            .Where(bucket => bucket.Name.StartsWith(prefix, StringComparison.Ordinal))];

    /// <exception cref="StorageException">400 for a name against the rules, 409 when it exists.</exception>
    public async Task<Bucket> CreateAsync(string name, string project, string location, string storageClass)
    {
        if (!IsName(name)) throw new StorageException(400, "invalid", "InvalidBucketName", $"Invalid bucket name: '{name}'");
        var now = time.GetUtcNow();
        var bucket = new Bucket(name, project, location, storageClass, now, now, 1);
        await ledger.ChangeAsync(statements =>
        {
            if (ObjectStore.BucketExists(statements, name))
                throw StorageException.Conflict("BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it.");
            statements.Execute($"INSERT INTO buckets ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                name, project, location, storageClass, now.UtcTicks, now.UtcTicks, 1);
        });
        objects.AddBucketFolder(name);
        return bucket;
    }

    /// <exception cref="StorageException">404, or 409 while it holds objects.</exception>
    public async Task DeleteAsync(string name)
    {
        await ledger.ChangeAsync(statements =>
        {
            if (!ObjectStore.BucketExists(statements, name)) throw StorageException.NoBucket(name);
            if (statements.First("SELECT 1 FROM objects WHERE bucket = $1 LIMIT 1", _ => true, name))
                throw StorageException.Conflict("BucketNotEmpty", "The bucket you tried to delete is not empty.");
            statements.Execute("DELETE FROM buckets WHERE name = $1", name);
        });
        objects.RemoveBucketFolder(name);
    }

    /// <summary>3 to 63 of lower-case letters, digits, "-", "_" (and dots: then up to 222, each part 1 to 63), a letter or digit at both ends.</summary>
    public static bool IsName(string name) =>
        name.Length is >= 3 and <= 222 && NameRule().IsMatch(name) && name.Split('.').All(part => part.Length is >= 1 and <= 63);

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]*[a-z0-9]$")]
    private static partial Regex NameRule();

    private static Bucket Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3),
        new(row.GetInt64(4), TimeSpan.Zero), new(row.GetInt64(5), TimeSpan.Zero), row.GetInt64(6));
}
