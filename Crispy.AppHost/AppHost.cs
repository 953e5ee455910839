using Crispy.AppHost;

if (RunOptions.Parse(args) is not { } run) return RunOptions.ExitCode;

var builder = DistributedApplication.CreateBuilder(run.AspireArguments);
using var local = LocalRun.Prepare(builder, run);
if (local is { Mistakes.Count: > 0 }) return local.Explain();

var bucketName = builder.AddParameter("bucket-name");
var signingKey = builder.AddParameter("signing-key", secret: true);
var signingPublicKeys = builder.AddParameter("signing-public-keys");

var redis = local is { Backends: Backends.Local }
    ? builder.AddRedisServer("redis", local.Folder("redis"))
    : builder.AddPinnedRedis("redis", local?.Volume("redis") ?? "crispy-redis");

var rabbitmq = local is { Backends: Backends.Local }
    ? builder.AddRabbitMQServer("rabbitmq", local.Folder("rabbitmq"))
    : builder.AddPinnedRabbitMQ("rabbitmq", local?.Volume("rabbitmq") ?? "crispy-rabbitmq");

var chunkLogger = builder.AddService<Projects.Crispy_ChunkLogger>("chunk-logger", "DocumentBulletList")
    .WithHttpEndpoint(env: "PORT")
    .WithHealthInWords()
    .WithEnvironment("FUNCTION_TARGET", "Crispy.ChunkLogger.Function")
    .WithEnvironment("Crispy__Bucket", bucketName)
    .WithEnvironment("Crispy__Signing__PublicKeys", signingPublicKeys);

var uploadWorker = builder.AddService<Projects.Crispy_UploadWorker>("upload-worker", "CloudArrowUp")
    .WithHttpEndpoint()
    .WithHealthInWords()
    .WithReference(redis)
    .WithReference(rabbitmq).WaitFor(rabbitmq)
    .WithReplicas(2)
    .WithEnvironment("Crispy__Bucket", bucketName);

var streamHandle = builder.AddService<Projects.Crispy_StreamHandle>("stream-handle", "VideoClip")
    .WithHttpEndpoint()
    .WithHealthInWords()
    .WithReference(redis)
    .WithReference(rabbitmq).WaitFor(rabbitmq)
    .WithEnvironment("Crispy__Signing__PrivateKey", signingKey);

// A run that ends by itself has nobody to look at it.
var console = run.Once ? null : builder.AddService<Projects.Crispy_Console>("console", "DesktopPulse")
    .WithHttpEndpoint(port: local?.ConsolePort)
    .WithHealthInWords()
    .WithExternalHttpEndpoints()
    .WithReference(redis)
    .WithReference(streamHandle.GetEndpoint("http")).WaitForStart(streamHandle)
    .WithEnvironment("Crispy__Bucket", bucketName)
    .WithEnvironment("Crispy__Signing__PublicKeys", signingPublicKeys)
    .WithEnvironment("Crispy__Console__ReportKey", builder.AddParameter("report-key", secret: true));

if (local is not null)
{
    var bucket = builder.AddService<Projects.Crispy_CloudEmulator>("bucket", "BoxMultiple")
        .WithHttpEndpoint()
        .WithHealthInWords()
        .WithArgs("--data", local.DataPath, "--bucket", local.BucketName, "--signer", local.ServiceAccountFile)
        .WithArgs(context => { context.Args.Add("--notify"); context.Args.Add(chunkLogger.GetEndpoint("http")); });
    local.Connect(bucket, chunkLogger, uploadWorker, streamHandle, console);
}
else
{
    builder.Publish(chunkLogger, uploadWorker, streamHandle, console!, signingPublicKeys);
}

await using var app = builder.Build();
if (local is not null) return await local.RunAsync(app);
await app.RunAsync();
return 0;
