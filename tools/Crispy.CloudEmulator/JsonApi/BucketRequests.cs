using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Notifying;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary><c>/storage/v1/b</c> and <c>/storage/v1/b/{bucket}</c>.</summary>
internal sealed class BucketRequests(Buckets buckets, NotificationConfigs notifications)
{
    public Task AllAsync(HttpContext context) => context.Request.Method switch
    {
        "GET" => ListAsync(context),
        "POST" => InsertAsync(context),
        _ => throw StorageException.MethodNotAllowed(),
    };

    public async Task OneAsync(HttpContext context, string name)
    {
        var preconditions = Preconditions.FromQuery(context.Request);
        switch (context.Request.Method)
        {
            case "GET":
                var found = buckets.Get(name);
                preconditions.Check(found.Metageneration, reading: true);
                await AnswerAsync(context, found);
                break;
            case "PATCH":
                var patch = await JsonBody.ReadAsync(context.Request);
                await AnswerAsync(context,
                    await buckets.ChangeAsync(name, preconditions, present => present.With(patch), JsonBody.Text(patch, "storageClass")));
                break;
            case "PUT":
                var whole = await JsonBody.ReadAsync(context.Request);
                await AnswerAsync(context,
                    await buckets.ChangeAsync(name, preconditions, _ => BucketSettings.None.With(whole),
                        JsonBody.Text(whole, "storageClass")));
                break;
            case "DELETE":
                await buckets.DeleteAsync(name, preconditions);
                await notifications.RemoveBucketAsync(name);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                throw StorageException.MethodNotAllowed();
        }
    }

    /// <summary>The account in whose name Cloud Storage publishes a project's notifications: one that looks like it.</summary>
    public static Task ServiceAccountAsync(HttpContext context, string project) => JsonBody.WriteAsync(context, JsonBody.Compose(json =>
    {
        json.WriteStartObject();
        json.WriteString("kind", "storage#serviceAccount");
        json.WriteString("email_address", $"service-{project}@gs-project-accounts.iam.gserviceaccount.com");
        json.WriteEndObject();
    }));

    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (string.IsNullOrEmpty(query["project"])) throw StorageException.Required("project");
        var size = Paging.Size(context.Request);
        var found = buckets.List(query["prefix"].ToString(), Paging.After(context.Request));
        var more = found.Count > size;
        if (more) found.RemoveRange(size, found.Count - size);
        await JsonBody.WriteAsync(context, JsonBody.Compose(json =>
        {
            json.WriteStartObject();
            json.WriteString("kind", "storage#buckets");
            if (more) json.WriteString("nextPageToken", Paging.Token(found[^1].Name));
            if (found.Count > 0)
            {
                json.WriteStartArray("items");
                foreach (var bucket in found) ResourceJson.Write(json, bucket, context.BaseUri());
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }));
    }

    private async Task InsertAsync(HttpContext context)
    {
        var project = context.Request.Query["project"].ToString();
        if (project.Length == 0) throw StorageException.Required("project");
        var body = await JsonBody.ReadAsync(context.Request);
        var name = JsonBody.Text(body, "name") ?? throw StorageException.Required("name");
        await AnswerAsync(context, await buckets.CreateAsync(
            name, project, BucketSettings.None.With(body), JsonBody.Text(body, "location") ?? "US",
            JsonBody.Text(body, "storageClass") ?? "STANDARD"));
    }

    private static Task AnswerAsync(HttpContext context, Bucket bucket) =>
        JsonBody.WriteAsync(context, JsonBody.Compose(json => ResourceJson.Write(json, bucket, context.BaseUri())));
}
