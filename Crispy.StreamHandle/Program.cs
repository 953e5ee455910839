using Crispy.StreamHandle;
using Crispy.StreamHandle.Configuring;

try
{
    await using var app = await StreamHandleApp.BuildAsync(args);
    await app.RunAsync();
    return 0;
}
catch (SettingsException mistake)
{
    Console.Error.WriteLine(mistake.Message);
    return 2;
}
catch (IOException refused) when (refused.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine(refused.Message);
    return 1;
}
