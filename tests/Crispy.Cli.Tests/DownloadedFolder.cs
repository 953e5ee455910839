using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.Cli.Tests;

/// <summary>A downloaded bucket, with the keys beside it.</summary>
internal sealed class DownloadedFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    public ManifestSigner Signer { get; } = new(SigningKey.NewPrivatePem());

    public string Path => _folder["bucket"];

    public string Keys => _folder["public.txt"];

    public string this[string name] => System.IO.Path.Combine(_folder.Path, name);

    public string FileOf(Stored stored) => System.IO.Path.Combine(Path, stored.Name);

    public void Write(params IEnumerable<Stored>[] recordings)
    {
        var all = recordings.SelectMany(recording => recording).ToList();
        foreach (var stored in all)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(FileOf(stored))!);
            File.WriteAllBytes(FileOf(stored), stored.Content);
        }
        File.WriteAllText(System.IO.Path.Combine(Path, "objects.json"),
            JsonSerializer.Serialize(
                new { kind = "storage#objects", items = all.Select(stored => new { name = stored.Name, metadata = stored.Metadata }) }));
        File.WriteAllText(Keys, Signer.PublicPem);
    }

    public void Dispose()
    {
        Signer.Dispose();
        _folder.Dispose();
    }
}
