using Crispy.UploadWorker;
using Microsoft.Extensions.Options;

try
{
    await UploadWorkerApp.Create(args).RunAsync();
    return 0;
}
catch (OptionsValidationException mistake)
{
    foreach (var line in mistake.Failures) Console.Error.WriteLine(line);
    return 2;
}
