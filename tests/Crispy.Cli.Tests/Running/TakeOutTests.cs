using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Crash;
using Crispy.Exporting;

namespace Crispy.Cli.Tests.Running;

/// <summary>What the console gives out as one file, and what <c>crispy verify</c> says of it,
/// and of copies that somebody changed.</summary>
public sealed class TakeOutTests(RecordingSystem shared) : IDisposable
{
    private const string From = "2026-11-20T14:03:00Z";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_export_is_verified_as_it_came_and_unpacked()
    {
        await using var export = await ExportAsync();
        var whole = await Cli.RunAsync("verify", export.Zip, "--keys", export.Keys);
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        Assert.Contains("the statement is signed by", whole.Output, StringComparison.Ordinal);
        Assert.Contains("the video's 300 pictures are those of the 6 signed chunks, in their order", whole.Output,
            StringComparison.Ordinal);
        Assert.Contains("chunks=6 losses=0 findings=0: all is well", whole.Output, StringComparison.Ordinal);
        // With its own keys too, and then it says what that is worth.
        var own = await Cli.RunAsync("verify", export.Zip);
        Assert.Equal(0, own.ExitCode);
        Assert.Contains("the keys are the export's own", own.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Cli.RunAsync("verify", export.Folder, "--keys", export.Keys)).ExitCode);
    }

    [Fact]
    public async Task Every_change_of_an_exports_files_is_found()
    {
        await using var export = await ExportAsync();
        var statement = export.Statement;
        var (first, third) = ($"proof/{statement.Chunks[0].Object}", $"proof/{statement.Chunks[2].Object}");

        // A byte of any file.
        foreach (var name in (string[])[statement.Video.Name, third, .. statement.Files.Select(file => file.Name),
            ExportStatement.FileName])
            await AssertFoundAsync(export, name, path => Flip(path));
        // Something taken away, whichever it is: the first one and the last one as well.
        foreach (var name in (string[])[first, third, $"proof/{statement.Chunks[^1].Object}", statement.Video.Name,
            ExportStatement.ObjectsName, ExportStatement.FileName, ExportStatement.ReportName])
            await AssertFoundAsync(export, name, File.Delete);
        // Something added.
        await AssertFoundAsync(export, third, path => File.Copy(path, path.Replace("-00000002", "-00000009", StringComparison.Ordinal)));
        // Two exchanged.
        await AssertFoundAsync(export, third,
            path => Exchange(path, Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileName(statement.Chunks[3].Object))));
        // The list of manifests, consistently without the first chunk and the last one; the statement tells.
        await AssertFoundAsync(export, ExportStatement.ObjectsName, path => Relist(path, items => items.RemoveAt(0)));
        await AssertFoundAsync(export, ExportStatement.ObjectsName, path => Relist(path, items => items.RemoveAt(items.Count - 1)));
        // A video of the same chunks in another order, with a statement that names its hash.
        await AssertFoundAsync(export, statement.Video.Name, path => Shuffle(path), "altered");
    }

    [Fact]
    public async Task A_statement_that_somebody_wrote_again_is_found()
    {
        await using var export = await ExportAsync();
        var statement = export.Statement;
        using var foreign = new ManifestSigner(SigningKey.NewPrivatePem(), ExportStatement.SignatureType);
        // Of fewer chunks.
        var shorter = statement with { Chunks = [.. statement.Chunks.Skip(1)] };
        await AssertFoundAsync(export, ExportStatement.FileName, path => File.WriteAllBytes(path, shorter.Write(null)));
        await AssertFoundAsync(export, ExportStatement.FileName, path => File.WriteAllBytes(path, shorter.Write(foreign)), "unknownKey");
        // The order in it.
        var reordered = statement with { Chunks = [statement.Chunks[1], statement.Chunks[0], .. statement.Chunks.Skip(2)] };
        await AssertFoundAsync(export, ExportStatement.FileName,
            path => File.WriteAllBytes(path, reordered.Write(foreign)), "reordered");
    }

    [Fact]
    public async Task A_ZIP_that_was_changed_or_is_not_whole_is_found()
    {
        var system = await shared.StartedAsync();
        await using var console = await system.ConsoleAsync(null, SigningKey.NewPrivatePem());
        var zip = await TakeOutAsync(console.Port, "yard", "&container=mkv");
        var bytes = await File.ReadAllBytesAsync(zip);
        Assert.Equal(0, (await Cli.RunAsync("verify", zip)).ExitCode);
        var damaged = _folder["damaged.zip"];
        // Bytes here and there: in the video, in the chunks, in the statements.
        foreach (var share in (double[])[0.1, 0.35, 0.6, 0.85, 0.97])
        {
            var copy = bytes.ToArray();
            copy[(int)(copy.Length * share)] ^= 0x20;
            await File.WriteAllBytesAsync(damaged, copy);
            Assert.Equal((share, 1), (share, (await Cli.RunAsync("verify", damaged)).ExitCode));
        }
        await File.WriteAllBytesAsync(damaged, bytes[..^200]);
        var cut = await Cli.RunAsync("verify", damaged);
        Assert.Equal(1, cut.ExitCode);
        Assert.Contains("not a whole ZIP", cut.Output, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(damaged, [.. new byte[] { 0x50, 0x4B, 3, 4 }, .. new byte[100]]);
        Assert.Equal(1, (await Cli.RunAsync("verify", damaged)).ExitCode);
        // Names that lead elsewhere, and one that stands twice.
        File.Copy(zip, damaged, overwrite: true);
        await using (var archive = await ZipFile.OpenAsync(damaged, ZipArchiveMode.Update))
        {
            archive.CreateEntry("../evil.txt");
            archive.CreateEntry("README.txt");
        }
        var evil = await Cli.RunAsync("verify", damaged);
        Assert.Equal(1, evil.ExitCode);
        Assert.Contains("leads out of it", evil.Output, StringComparison.Ordinal);
        Assert.Contains("holds 'README.txt' twice", evil.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_chunks_or_without_a_key_it_says_what_is_not_proven()
    {
        var system = await shared.StartedAsync();
        await using (var console = await system.ConsoleAsync(null, SigningKey.NewPrivatePem()))
        {
            var zip = await TakeOutAsync(console.Port, "gate", "&originals=false");
            var result = await Cli.RunAsync("verify", zip);
            Assert.Equal(0, result.ExitCode);
            Assert.Contains("the video was compared with the statement alone", result.Output, StringComparison.Ordinal);
            File.Delete(zip);
        }
        var unsigned = await TakeOutAsync(new Uri(system.Api).Port, "gate", "");
        var (exitCode, findings, _) = await Cli.VerifyAsync(unsigned);
        Assert.Equal(1, exitCode);
        Assert.Equal(["unsigned"], findings.Select(finding => finding.Kind).Distinct());
    }

    private async Task<string> TakeOutAsync(int port, string stream, string more)
    {
        using var http = new HttpClient();
        var path = _folder[$"{stream}.zip"];
        await File.WriteAllBytesAsync(path,
            await http.GetByteArrayAsync(
                new Uri($"http://127.0.0.1:{port}/api/streams/{stream}/export?from={From}&to=2026-11-20T14:03:12Z{more}")));
        return path;
    }

    // Of gate, behind a console that signs its statements and publishes the key.
    private async Task<Export> ExportAsync()
    {
        var system = await shared.StartedAsync();
        var console = await system.ConsoleAsync(null, SigningKey.NewPrivatePem());
        try
        {
            var zip = await TakeOutAsync(console.Port, "gate", "");
            var folder = Unpack(zip, "whole");
            var (statement, _, _) = ExportStatement.Read(await File.ReadAllBytesAsync(Path.Combine(folder, ExportStatement.FileName)));
            return new(console, zip, folder, statement);
        }
        catch
        {
            await console.DisposeAsync();
            throw;
        }
    }

    private async Task AssertFoundAsync(Export export, string name, Action<string> change, string? kind = null)
    {
        var folder = Unpack(export.Zip, Guid.NewGuid().ToString("N"));
        change(Path.Combine(folder, name));
        var result = await Cli.RunAsync("verify", folder, "--json", "--keys", export.Keys);
        Assert.True(result.ExitCode == 1, $"{name}: {result.ExitCode} {result.Output}{result.Error}");
        if (kind is not null) Assert.Contains($"\"{kind}\"", result.Output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    private string Unpack(string zip, string name)
    {
        ZipFile.ExtractToDirectory(zip, _folder[name]);
        return _folder[name];
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x01;
        File.WriteAllBytes(path, bytes);
    }

    private static void Exchange(string one, string other)
    {
        var (left, right) = (File.ReadAllBytes(one), File.ReadAllBytes(other));
        File.WriteAllBytes(one, right);
        File.WriteAllBytes(other, left);
    }

    private static void Relist(string path, Action<JsonArray> change)
    {
        var list = JsonNode.Parse(File.ReadAllText(path))!;
        change(list["items"]!.AsArray());
        File.WriteAllText(path, list.ToJsonString(), Encoding.UTF8);
    }

    // The pictures of the second half of the file in front: what is signed is none of it.
    private static void Shuffle(string path)
    {
        var half = Path.ChangeExtension(path, $".half{Path.GetExtension(path)}");
        Command.RunAsync("ffmpeg", "-v", "error", "-ss", "6", "-i", path, "-map", "0:v", "-c", "copy", half).GetAwaiter().GetResult();
        File.Move(half, path, overwrite: true);
    }

    private sealed record Export(Service Console, string Zip, string Folder, ExportStatement Statement) : IAsyncDisposable
    {
        public string Keys => $"http://127.0.0.1:{Console.Port}/.well-known/jwks.json";

        public ValueTask DisposeAsync() => Console.DisposeAsync();
    }
}
