using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Console.Tests;

/// <summary>A console alone, as a process: its bucket is nowhere.</summary>
internal sealed class RunningConsole : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly WatchedProcess _process;

    private RunningConsole(TempFolder folder, WatchedProcess process, Uri address) =>
        (_folder, _process, Address) = (folder, process, address);

    public Uri Address { get; }

    /// <summary>Kills it as a power cut does, and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        await _process.SignalAsync("KILL");
        await _process.WaitForExitAsync();
    }

    public string Output => File.ReadAllText(_process.LogPath);

    /// <summary>Settings that it can start with, but for who may use it.</summary>
    public static string[] Usual
    {
        get
        {
            using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            return ["--Crispy:Bucket=chunks", $"--Crispy:Signing:PublicKeys={SigningKey.PublicPem(key.ExportPkcs8PrivateKeyPem())}",
                $"--STORAGE_EMULATOR_HOST=http://127.0.0.1:{FreePort.Next()}/storage/v1/"];
        }
    }

    /// <summary>Starts it; a port that was taken meanwhile is exchanged.</summary>
    public static async Task<RunningConsole> StartAsync(params string[] arguments)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (folder, address) = (new TempFolder(), new Uri($"http://127.0.0.1:{FreePort.Next()}"));
            var process = await WatchedProcess.StartAsync(folder["console.log"], new Dictionary<string, string>(), "dotnet",
                [Installation.Program("Crispy.Console"), $"--urls={address}", $"--Crispy:Archive:CacheFolder={folder["cache"]}",
                    .. Usual, .. arguments]);
            await Until.TrueAsync(async () => !process.IsRunning || await Listening.OnAsync(address.Port));
            if (process.IsRunning) return new(folder, process, address);
            var printed = File.ReadAllText(process.LogPath);
            await process.DisposeAsync();
            folder.Dispose();
            if (attempt == 3) throw new InvalidOperationException($"the console does not start: {printed}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
