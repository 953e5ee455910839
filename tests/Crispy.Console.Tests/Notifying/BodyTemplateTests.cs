using System.Text;
using System.Text.Json.Nodes;
using Crispy.Console.Notifying;
using Crispy.Testing;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class BodyTemplateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly Notice Notice = new()
    {
        Id = "msg_1", Kind = NoticeKind.Camera, State = NoticeState.Begin, Level = Level.Bad, Key = "camera/gate", At = Noon,
            Since = Noon.AddSeconds(-10),
        Text = "The \"gate\" \\ is\naway, {key} \u2028", Advice = "Look", Cameras = ["gate", "hall"], Count = 2,
    };

    [Fact]
    public void Without_a_template_the_notice_itself_is_sent_in_the_shape_that_the_specification_recommends()
    {
        var body = Parse(null);
        var sent = JsonNode.Parse(body.Render(Notice))!;
        Assert.Equal("application/json", body.ContentType);
        Assert.Equal("camera.begin", (string?)sent["type"]);
        Assert.Equal(Noon, (DateTimeOffset)sent["timestamp"]!);
        var data = sent["data"]!;
        Assert.Equal(("camera", "begin", "bad", "camera/gate", Notice.Text), ((string?)data["kind"], (string?)data["state"],
            (string?)data["level"], (string?)data["key"], (string?)data["text"]));
        Assert.Equal(["gate", "hall"], data["cameras"]!.AsArray().Select(camera => (string?)camera));
    }

    [Fact]
    public void In_json_values_are_escaped_and_no_value_is_read_as_a_placeholder()
    {
        var body = Parse("""{"text": "*{kind}* {text}", "n": {count}, "nested": [{"key": "{key}"}]}""");
        Assert.Equal("application/json", body.ContentType);
        var sent = JsonNode.Parse(body.Render(Notice))!;
        Assert.Equal($"*camera* {Notice.Text}", (string?)sent["text"]);
        Assert.Equal((2, "camera/gate"), ((int)sent["n"]!, (string?)sent["nested"]![0]!["key"]));
    }

    [Theory]
    [InlineData(NoticeState.Begin, Level.Bad, "trigger", "critical")]
    [InlineData(NoticeState.Begin, Level.Warning, "trigger", "warning")]
    [InlineData(NoticeState.Update, Level.Bad, "trigger", "critical")]
    [InlineData(NoticeState.News, Level.Warning, "trigger", "warning")]
    [InlineData(NoticeState.News, Level.Good, "trigger", "info")]
    [InlineData(NoticeState.End, Level.Good, "resolve", "info")]
    public void PagerDutys_words_are_those_of_its_events_api(NoticeState state, Level level, string action, string severity)
    {
        var sent = Encoding.UTF8.GetString(Parse("{action} {severity}").Render(Notice with { State = state, Level = level }));
        Assert.Equal($"{action} {severity}", sent);
    }

    [Theory]
    [InlineData("{text}", "text/plain; charset=utf-8")]
    [InlineData("[crispy] {text}", "text/plain; charset=utf-8")]
    [InlineData("""{"a":"{text}"}""", "application/json")]
    [InlineData(""" [{"a":"{text}"}] """, "application/json")]
    public void Whether_a_template_is_json_is_told_by_its_text_where_no_media_type_is_given(string template, string type) =>
        Assert.Equal(type, Parse(template).ContentType);

    [Fact]
    public void A_text_is_sent_as_it_is_and_a_media_type_that_is_given_counts()
    {
        Assert.Equal(Notice.Text, Encoding.UTF8.GetString(Parse("{text}").Render(Notice)));
        Assert.Equal("application/x-www-form-urlencoded", Parse("text={text}", "application/x-www-form-urlencoded").ContentType);
        Assert.Equal("""{"a":"a \u0022quote\u0022"}""",
            Encoding.UTF8.GetString(Parse("""{"a":"{text}"}""", "application/cloudevents+json")
                .Render(Notice with { Text = "a \"quote\"" })));
    }

    [Theory]
    [InlineData("""{"text": "{txt}"}""", null, "{txt}")]
    [InlineData("{Text}", null, "{Text}")]
    [InlineData("{event_action}", null, "{event_action}")]
    [InlineData("""{"text": {text}}""", null, "not JSON")]
    [InlineData("""{"text": "{text}" """, null, "not JSON")]
    [InlineData("hello {text}", "application/json", "not JSON")]
    [InlineData("\"{text}\"", "application/json", "not JSON")]
    public void A_template_that_cannot_work_is_refused(string template, string? type, string expected)
    {
        Assert.Null(BodyTemplate.Parse(template, type, out var mistake));
        Assert.Contains(expected, mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void The_examples_of_the_documents_work()
    {
        const string key = "Crispy__Notify__0__Body=";
        var examples = File.ReadLines(Path.Combine(Repository.Root, "docs", "operations.md")).Where(line =>
            line.StartsWith(key, StringComparison.Ordinal)).Select(line => Parse(line[key.Length..])).ToList();
        var sent = examples.Where(body => body.ContentType == "application/json").Select(body => JsonNode.Parse(body.Render(Notice))!)
            .ToList();
        Assert.Equal((5, 4), (examples.Count, sent.Count));
        Assert.Equal($"*camera begin*: {Notice.Text}\nLook", (string?)sent[0]["text"]);
        Assert.Equal(Notice.Text, (string?)sent[1]["attachments"]![0]!["content"]!["body"]![0]!["text"]);
        Assert.Equal("Crispy: camera begin", (string?)sent[2]["title"]);
        Assert.Equal(("trigger", "crispy/camera/gate", Notice.Text, "critical"),
            ((string?)sent[3]["event_action"], (string?)sent[3]["dedup_key"], (string?)sent[3]["payload"]!["summary"],
                (string?)sent[3]["payload"]!["severity"]));
    }

    private static BodyTemplate Parse(string? template, string? type = null)
    {
        var body = BodyTemplate.Parse(template, type, out var mistake);
        Assert.True(body is not null, mistake);
        return body;
    }
}
