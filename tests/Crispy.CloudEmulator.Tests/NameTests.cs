using System.Net;
using System.Net.Sockets;
using System.Text;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.Tests;

public class NameTests
{
    public static TheoryData<string> Awkward =>
    [
        "../outside", "a/../../../outside", "a/./b", "/absolute", "a//b", "trailing/", "a/", "//", "%2e%2e/x", "100%",
        "%", "%d", "%f", "a%d/b",
        "space at end ", "dot.", "..a", "...", "tab\tin", "\u0001\u0002", "back\\slash", "co:lon", "qu\"ote", "star*?",
        "ünïcödé/日本", "emoji/🎥",
        "a+b&c=d#e;f", new string('x', 1024), "deep/" + new string('é', 200) + "/x",
        string.Join('/', Enumerable.Repeat("d", 500)), "con", "storage/v1/b",
    ];

    [Theory]
    [MemberData(nameof(Awkward))]
    public async Task Awkward_names_work_and_stay_inside(string name)
    {
        await using var emulator = await Emulator.StartAsync();
        var bytes = Sample.Bytes(50);
        await emulator.StoreAsync(name, bytes);
        Assert.Equal(name, (await emulator.GetJsonAsync(Emulator.ObjectUri(name))).GetProperty("name").GetString());
        using (var download = await emulator.DownloadAsync(name)) Assert.Equal(bytes, await download.Content.ReadAsByteArrayAsync());
        Assert.Equal(bytes, await emulator.Client.GetByteArrayAsync("/demo/" + Uri.EscapeDataString(name)));
        var list = await emulator.GetJsonAsync("/storage/v1/b/demo/o");
        Assert.Equal(name, Assert.Single(list.GetProperty("items").EnumerateArray()).GetProperty("name").GetString());
        Assert.StartsWith("demo" + Path.DirectorySeparatorChar, Assert.Single(emulator.Files()));
        Assert.Equal(["bucket", "meta", "uploads"], Directory.GetFileSystemEntries(emulator.Data).Select(Path.GetFileName).Order());
        using var deleted = await emulator.Client.DeleteAsync(Emulator.ObjectUri(name));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(Directory.GetFileSystemEntries(emulator.FileOf()));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("line\nbreak")]
    [InlineData("line\rbreak")]
    public async Task Names_that_the_service_refuses_are_refused(string name)
    {
        await using var emulator = await Emulator.StartAsync();
        using var response = await emulator.MultipartAsync(name, [1]);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid", await Emulator.ReasonAsync(response));
    }

    [Fact]
    public async Task Names_of_more_than_1024_bytes_are_refused()
    {
        await using var emulator = await Emulator.StartAsync();
        using var response = await emulator.MultipartAsync(new string('é', 513), [1]);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_raw_path_with_dots_stays_inside()
    {
        await using var emulator = await Emulator.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, emulator.Uri.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            "PUT /demo/../../../escaped HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync());
        Assert.StartsWith("demo", Assert.Single(emulator.Files()));
        Assert.Equal("../../../escaped",
            (await emulator.GetJsonAsync("/storage/v1/b/demo/o")).GetProperty("items")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task An_object_may_be_named_like_a_folder_of_another()
    {
        await using var emulator = await Emulator.StartAsync();
        string[] names = ["a", "a/b", "a/b/c", "x/y/z", "x/y", "x", "a%d/b"];
        foreach (var (i, name) in names.Index()) await emulator.StoreAsync(name, [(byte)i]);
        foreach (var (i, name) in names.Index())
        {
            using var download = await emulator.DownloadAsync(name);
            Assert.Equal([(byte)i], await download.Content.ReadAsByteArrayAsync());
        }
        Assert.Equal(names.Length, emulator.Files().Length);
        foreach (var name in names) (await emulator.Client.DeleteAsync(Emulator.ObjectUri(name))).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(emulator.FileOf()));
    }

    [Fact]
    public async Task Objects_and_folders_of_one_name_can_come_at_once()
    {
        await using var emulator = await Emulator.StartAsync();
        string[] names = [.. Enumerable.Range(0, 20).SelectMany(i => (string[])[$"n{i}", $"n{i}/m", $"n{i}/m/o"])];
        await Task.WhenAll(names.Select(name => emulator.StoreAsync(name, Encoding.UTF8.GetBytes(name))));
        foreach (var name in names)
        {
            using var download = await emulator.DownloadAsync(name);
            Assert.Equal(name, await download.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("cam-1/2026/11/22/17/20261122T170000000Z-00000001.mp4")]
    [InlineData("a b/c_d/e(1).txt")]
    [InlineData("é/日本.ext")]
    public void Ordinary_names_are_their_own_paths(string name) => Assert.Equal(name, string.Join('/', ObjectPath.Segments(name)));

    [Fact]
    public void No_two_awkward_names_share_a_path()
    {
        var paths = Awkward.Select(row => string.Join('/', ObjectPath.Segments(row.Data))).ToList();
        Assert.Equal(paths.Count, paths.Distinct().Count());
        Assert.All(paths.SelectMany(path => path.Split('/')), segment => Assert.InRange(Encoding.UTF8.GetByteCount(segment), 1, 253));
    }
}
