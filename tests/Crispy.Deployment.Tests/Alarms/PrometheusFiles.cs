using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Crispy.Deployment.Tests.Alarms;

/// <summary>An alert rule.</summary>
internal sealed record AlertRule(string Name, string Expression, string Severity, string Summary, string Description);

/// <summary>The files for Prometheus and Grafana.</summary>
internal static partial class PrometheusFiles
{
    /// <summary>The rules of alerts.yaml.</summary>
    public static IReadOnlyList<AlertRule> Alerts()
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(RuleTest.Rules);
        yaml.Load(reader);
        var groups = (YamlSequenceNode)yaml.Documents[0].RootNode["groups"];
        return [.. groups.SelectMany(group => (YamlSequenceNode)group["rules"]).Select(rule => new AlertRule(
            Text(rule["alert"]), Text(rule["expr"]), Text(rule["labels"]["severity"]),
            Text(rule["annotations"]["summary"]), Text(rule["annotations"]["description"])))];
    }

    /// <summary>The metrics that alerts ask for, each with the alert.</summary>
    public static IEnumerable<(string Where, string Name)> NamesInAlerts() =>
        Alerts().SelectMany(rule => Names(rule.Expression).Select(name => (rule.Name, name)));

    /// <summary>The metrics that the dashboard asks for, each with the panel.</summary>
    public static IEnumerable<(string Where, string Name)> NamesInDashboard() =>
        Panels().SelectMany(panel => Expressions(panel).SelectMany(Names).Select(name => ((string)panel["title"]!, name)));

    /// <summary>The dashboard's panels.</summary>
    public static IReadOnlyList<JsonNode> Panels() => [.. Dashboard()["panels"]!.AsArray().Select(panel => panel!)];

    /// <summary>The dashboard.</summary>
    public static JsonNode Dashboard() => JsonNode.Parse(Repository.Read("deploy", "grafana", "crispy.json"))!;

    /// <summary>A panel's queries.</summary>
    public static IEnumerable<string> Expressions(JsonNode panel) =>
        (panel["targets"]?.AsArray() ?? []).Select(target => (string)target!["expr"]!);

    private static IEnumerable<string> Names(string expression) => Name().Matches(expression).Select(match => match.Value).Distinct();

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    [GeneratedRegex(@"\bcrispy_[a-z_]+")]
    private static partial Regex Name();
}
