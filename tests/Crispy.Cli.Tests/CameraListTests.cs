using System.Text;
using Crispy.Cameras.Lists;
using Crispy.Contracts.Api;

namespace Crispy.Cli.Tests;

public sealed class CameraListTests
{
    private const string Secret = "s3cret-of-a-list";

    [Theory]
    [InlineData(",", "\n")]
    [InlineData(";", "\r\n")]
    [InlineData("\t", "\n")]
    public void A_csv_file_is_read_no_matter_what_separates_its_fields_and_lines(string separator, string end)
    {
        var text = string.Join(end, "id,name,group,tags,url".Replace(",", separator, StringComparison.Ordinal),
            string.Join(separator, "gate", "\"Gate, north\"", "Building A/Gate", "\"outdoor, night\"", "rtsp://h/1"),
            "", string.Join(separator, "hall", "\"two" + end + "lines \"\"quoted\"\"\"", "", "", "rtsp://h/2"),
            string.Join(separator, "yard", "Yard", "", "", "demo:"), "");
        foreach (var bytes in Encodings(text))
        {
            var list = CameraList.Read(bytes, "cameras.csv");
            Assert.Empty(list.Problems);
            Assert.Equal([("gate", 2), ("hall", 4), ("yard", 6)], list.Rows.Select(row => (row.Id, row.Place.Line)));
            Assert.Equal("""{"id":"gate","name":"Gate, north","group":"Building A/Gate","url":"rtsp://h/1","tags":["outdoor","night"]}""",
                list.Rows[0].Definition.ToJsonString());
            Assert.Equal($"two{end}lines \"quoted\"", (string?)list.Rows[1].Definition["name"]);
            Assert.Equal(new Place(2, 5), list.Rows[0].At("url", "x").Place);
        }
    }

    [Fact]
    public void A_spreadsheet_may_name_its_separator_first()
    {
        var list = CameraList.Read(Encoding.UTF8.GetBytes("sep=;\r\nid;name;url\r\ngate;a, b, c;demo:\r\n"), null);
        Assert.Empty(list.Problems);
        Assert.Equal(("gate", "a, b, c", 3), (list.Rows[0].Id, (string?)list.Rows[0].Definition["name"], list.Rows[0].Place.Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("streams:\n")]
    [InlineData("# mine\ncameras:\n")]
    public void A_yaml_file_is_read_at_the_top_or_under_its_name(string head)
    {
        var text = head
            + "- id: gate\n  name: \"Gate: north\"\n  tags: [outdoor, night]\n  window: 2\n  realtime: true\n  url: rtsp://h/1\n- {name: "
            + "'Hall #2', url: 'demo:', tags: a b, group: ~}\n";
        foreach (var name in (string?[])["x.yaml", "x.yml", null])
        {
            var list = CameraList.Read(Encoding.UTF8.GetBytes(text), name);
            Assert.Empty(list.Problems);
            Assert.Equal(
                """{"id":"gate","name":"Gate: north","url":"rtsp://h/1","window":"2","realtime":"true","tags":["outdoor","night"]}""",
                list.Rows[0].Definition.ToJsonString());
            Assert.Equal("""{"name":"Hall #2","url":"demo:","tags":["a","b"],"id":"hall-2"}""", list.Rows[1].Definition.ToJsonString());
        }
    }

    [Theory]
    [InlineData("line 1, column 2: the first line has the names", "id,colour,url\na,b,demo:")]
    [InlineData("line 1, column 2: the first line has the names", "gate,rtsp://u:" + Secret + "@h/1\n")]
    [InlineData("line 1, column 3, url: is a column twice", "id,url,Address\na,demo:,demo:")]
    [InlineData("line 2, column 1: a quotation mark is not closed", "id,url\na,\"rtsp://u:" + Secret + "@h/1\nb,demo:\n")]
    [InlineData("line 2, column 1: a quotation mark", "id,name,url\na,x \"y,rtsp://u:" + Secret + "@h\n")]
    [InlineData("line 2, column 9: references", "- id: &a gate\n  name: *a\n")]
    [InlineData("must be a single value", "- id: a\n  name: {url: \"rtsp://u:" + Secret + "@h\"}\n")]
    [InlineData("it is no YAML from here on", "- id: a\n url: \"rtsp://u:" + Secret + "@h\n")]
    [InlineData("one document", "- id: a\n---\n- id: b\n")]
    [InlineData("it is empty", " \n\n")]
    [InlineData("it names no cameras", "id,url\n")]
    [InlineData("it names no cameras", "[]")]
    public void A_file_that_cannot_be_read_says_where_and_repeats_no_secret(string told, string text)
    {
        var list = CameraList.Read(Encoding.UTF8.GetBytes(text), text.StartsWith('-') || text.StartsWith('[') ? "x.yaml" : "x.csv");
        var said = string.Join('\n', list.Problems);
        Assert.Contains(told, said, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, said, StringComparison.Ordinal);
        Assert.Empty(list.Rows);
    }

    [Theory]
    [InlineData("line 3, column 1, id: is that of line 2 too", "id,url\na,demo:\na,demo:")]
    [InlineData("line 2, column 3: the line has 3 fields", "id,url\na,demo:,x")]
    [InlineData("line 2, column 2, name: looks like an address", "id,name,url\na,rtsp://u:" + Secret + "@h,demo:")]
    [InlineData("line 2, column 2, maker: is none of axis", "name,maker,host\na,acme,h")]
    [InlineData("line 2, column 3, host: must be a name or an address", "name,maker,host\na,axis,h/x")]
    [InlineData("line 2, column 2, maker", "name,maker,url\na,axis,demo:", "url: is given beside a maker")]
    [InlineData("line 2, column 2, password: needs a maker", "id,password,url\na," + Secret + ",rtsp://h/1")]
    [InlineData("line 2, column 4, user", "name,maker,host,user,password\na,unifi,h,u," + Secret, "key: is missing")]
    public void A_row_that_is_wrong_says_which_field_and_repeats_no_secret(string told, string text, string? instead = null)
    {
        var list = CameraList.Read(Encoding.UTF8.GetBytes(text), null);
        Assert.Empty(list.Problems);
        var said = string.Join('\n', list.Rows.SelectMany(row => row.Problems));
        Assert.Contains(instead ?? told, said, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_maker_in_a_list_makes_the_address()
    {
        var list = CameraList.Read(
            Encoding.UTF8.GetBytes("name,maker,host,user,password,channel,stream\nGate,Hikvision,192.168.1.20,admin,p@ss/1,2,sub\n"), null);
        Assert.Equal("rtsp://admin:p%40ss%2F1@192.168.1.20:554/Streaming/Channels/202",
            (string?)Assert.Single(list.Rows).Definition["url"]);
        Assert.Equal(["name", "url", "id"], list.Rows[0].Definition.Select(field => field.Key));
    }

    [Fact]
    public void What_is_too_large_too_deep_or_no_text_is_refused_at_once()
    {
        Assert.Contains("larger than", Told(new byte[CameraList.MaxBytes + 1], "x.csv"), StringComparison.Ordinal);
        Assert.Contains("more than 1000 cameras",
            Told(Encoding.UTF8.GetBytes("id,url\n" + string.Concat(Enumerable.Range(0, 1001).Select(number => $"c{number},demo:\n"))),
                "x.csv"), StringComparison.Ordinal);
        Assert.Contains("more than 1000 cameras",
            Told(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1001).Select(number => $"- id: c{number}\n"))), "x.yaml"),
            StringComparison.Ordinal);
        // A tree of it would be the end of the process.
        Assert.Contains("must be a camera", Told(Encoding.UTF8.GetBytes(new string('[', 500_000)), "x.yaml"), StringComparison.Ordinal);
        Assert.Contains("single value", Told(Encoding.UTF8.GetBytes("- a: " + string.Concat(Enumerable.Repeat("{a: ", 100_000))), "x.yaml"),
            StringComparison.Ordinal);
        Assert.Contains("UTF-8", Told(Encoding.Latin1.GetBytes("id,name\na,Tür\n"), "x.csv"), StringComparison.Ordinal);
        Assert.Contains("UTF-8", Told(Encoding.Unicode.GetBytes("id,name\na,b\n"), "x.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_back_the_same()
    {
        StreamDefinition[] cameras =
        [
            new() { Id = "gate", Name = "Gate, \"north\"; 1: #a\n- b", Group = "Building A/Gate", Tags = ["outdoor", "night"],
                Url = "rtsp://***@192.168.1.20/***", Window = 2.5, HardCut = true },
            new() { Id = "hall", Name = "~", Url = "demo:?size=64x48&fps=10", Mode = "transcode",
                StartTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) },
            new() { Id = "7", Name = "=1+1", Group = "null", Url = "/srv/video/é.mp4" },
        ];
        foreach (var (name, text) in (ReadOnlySpan<(string, string)>)[("x.csv", ListWriter.Csv(cameras)),
            ("x.yaml", ListWriter.Yaml(cameras))])
        {
            var list = CameraList.Read(Encoding.UTF8.GetBytes(text), name);
            Assert.Empty(list.Problems);
            Assert.Empty(list.Rows.SelectMany(row => row.Problems));
            Assert.Equal(
                cameras.Select(camera =>
                    (camera.Id, camera.Name, camera.Group, camera.Url, string.Join(' ', camera.Tags ?? []),
                        camera.Window?.ToString(System.Globalization.CultureInfo.InvariantCulture), camera.HardCut?.ToString())),
                list.Rows.Select(row =>
                    (row.Id!, Text(row, "name"), Text(row, "group"), Text(row, "url"),
                        string.Join(' ', row.Definition["tags"]?.AsArray().Select(tag => (string?)tag) ?? []), Text(row, "window"),
                    Text(row, "hardCut") is { } cut ? bool.Parse(cut).ToString() : null)));
            Assert.Equal(cameras[1].StartTime,
                DateTimeOffset.Parse(Text(list.Rows[1], "startTime")!, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static string? Text(CameraRow row, string field) => (string?)row.Definition[field];

    private static string Told(byte[] bytes, string name) => string.Join('\n', CameraList.Read(bytes, name).Problems);

    private static IEnumerable<byte[]> Encodings(string text) =>
        [Encoding.UTF8.GetBytes(text), [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)],
            [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)],
            [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(text)]];
}
