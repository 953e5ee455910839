using Crispy.ChunkLogger;
using Google.Cloud.Functions.Hosting;
using Microsoft.Extensions.Options;

NativeMemory.LimitPools(2);

// A mistake of configuration, a taken port or a missing credential ends the process with one plain line on standard error.
try
{
    return await EntryPoint.StartAsync(typeof(Function).Assembly, args);
}
catch (OptionsValidationException wrong)
{
    foreach (var failure in wrong.Failures) await Console.Error.WriteLineAsync($"chunk-logger: {failure}");
    return 1;
}
catch (IOException unusable)
{
    await Console.Error.WriteLineAsync($"chunk-logger: {unusable.Message}");
    return 1;
}
