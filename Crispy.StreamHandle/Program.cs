using Crispy.StreamHandle;
using Microsoft.Extensions.Options;

try
{
    await using var app = await StreamHandleApp.BuildAsync(args);
    await app.RunAsync();
    return 0;
}
catch (OptionsValidationException mistake)
{
    // One mistake in the same line, several one a line.
    var between = mistake.Failures.Skip(1).Any() ? Environment.NewLine + "  " : " ";
    Console.Error.WriteLine($"The configuration cannot be used:{string.Concat(mistake.Failures.Select(failure => between + failure))}");
    return 2;
}
catch (IOException refused) when (refused.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine(refused.Message);
    return 1;
}
