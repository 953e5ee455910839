using Crispy.CloudEmulator;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}
try
{
    await using var app = EmulatorApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (Exception error) when (error is OptionException or IOException)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 2;
}
