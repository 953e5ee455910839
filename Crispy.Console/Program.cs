using Crispy.Console;
using Microsoft.Extensions.Options;

try
{
    await ConsoleApp.Create(args).RunAsync();
    return 0;
}
catch (OptionsValidationException mistake)
{
    foreach (var line in mistake.Failures) Console.Error.WriteLine(line);
    return 2;
}
catch (IOException refused) when (refused.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine(refused.Message);
    return 1;
}
