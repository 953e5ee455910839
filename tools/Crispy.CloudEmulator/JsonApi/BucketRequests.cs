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
        switch (context.Request.Method)
        {
            case "GET":
                await AnswerAsync(context, buckets.Get(name));
                break;
            case "PATCH" or "PUT":
                await JsonBody.ReadAsync(context.Request);
                await AnswerAsync(context, buckets.Get(name));
                break;
            case "DELETE":
                await buckets.DeleteAsync(name);
                await notifications.RemoveBucketAsync(name);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                throw StorageException.MethodNotAllowed();
        }
    }

    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (string.IsNullOrEmpty(query["project"])) throw StorageException.Required("project");
        var found = buckets.List(query["prefix"].ToString());
        await JsonBody.WriteAsync(context, JsonBody.Compose(json =>
        {
            json.WriteStartObject();
            json.WriteString("kind", "storage#buckets");
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
        var bucket = await buckets.CreateAsync(name, project, JsonBody.Text(body, "location") ?? "US", JsonBody.Text(body, "storageClass") ?? "STANDARD");
        await AnswerAsync(context, bucket);
    }

    private static Task AnswerAsync(HttpContext context, Bucket bucket) =>
        JsonBody.WriteAsync(context, JsonBody.Compose(json => ResourceJson.Write(json, bucket, context.BaseUri())));
}
