using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Crispy.Cameras.Lists;

/// <summary>Reads a YAML list of cameras, at the top or under <c>streams:</c> or <c>cameras:</c>. It reads events, never a tree: however
/// deep a file is nested, it ends at the first level that no list of cameras has. All values are texts, which the API reads.</summary>
internal sealed class YamlList
{
    private readonly Parser _parser;
    private readonly List<CameraRow> _rows = [];

    private YamlList(string text) => _parser = new Parser(new StringReader(text));

    public static CameraList Read(string text)
    {
        var list = new YamlList(text);
        try
        {
            list.Read();
        }
        catch (YamlException broken)
        {
            // Its message may quote what stands there.
            throw new ListException(Of(broken.Start), "it is no YAML from here on: look at indentation, colons and quotation marks");
        }
        return new(list._rows, []);
    }

    private void Read()
    {
        _parser.Consume<StreamStart>();
        _parser.Consume<DocumentStart>();
        if (_parser.TryConsume<MappingStart>(out _))
        {
            var key = Text("a list of cameras");
            if (key.Value is not ("streams" or "cameras")) throw Unusable(key, "a list of cameras stands at the top, or under streams:");
            ReadList();
            if (!_parser.TryConsume<MappingEnd>(out _)) throw Unusable(_parser.Current, "nothing else stands beside the list of cameras");
        }
        else ReadList();
        _parser.Consume<DocumentEnd>();
        if (!_parser.TryConsume<StreamEnd>(out _)) throw Unusable(_parser.Current, "a file holds one document");
    }

    private void ReadList()
    {
        if (!_parser.TryConsume<SequenceStart>(out _))
            throw Unusable(_parser.Current, "must be a list of cameras: each begins with a hyphen");
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            if (!_parser.TryConsume<MappingStart>(out var start))
                throw Unusable(_parser.Current, "must be a camera with its fields (id: gate)");
            if (_rows.Count == CameraList.MaxRows) throw Unusable(start, $"it has more than {CameraList.MaxRows} cameras");
            _rows.Add(ReadCamera(start));
        }
    }

    private CameraRow ReadCamera(MappingStart start)
    {
        var row = new RowReader(Of(start.Start));
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Text("the name of a field");
            var field = Fields.Of(key.Value);
            if (field is null) row.Wrong(Of(key.Start), null, Fields.Unknown(key.Value));
            if (_parser.TryConsume<SequenceStart>(out var list))
            {
                List<string> words = [];
                while (!_parser.TryConsume<SequenceEnd>(out _)) words.Add(Text("a word").Value);
                if (field is not null) row.Add(field, words, Of(list.Start));
                continue;
            }
            var value = Text("a single value");
            if (field is not null)
                row.Add(field, value is { Style: ScalarStyle.Plain, Value: "~" or "null" } ? "" : value.Value, Of(value.Start));
        }
        return row.Finish();
    }

    private Scalar Text(string what)
    {
        if (_parser.TryConsume<Scalar>(out var scalar)) return scalar;
        throw Unusable(_parser.Current,
            _parser.Current is AnchorAlias ? "references (*name) are not read here: write the value itself" : $"must be {what}");
    }

    private static ListException Unusable(ParsingEvent? at, string message) => new(at is null ? new(1, 1) : Of(at.Start), message);

    private static Place Of(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
