namespace Crispy.Deployment.Tests.Alarms;

/// <summary>deploy/grafana/crispy.json. That its metrics exist is for <see cref="AlertRuleTests"/>, which has processes to ask.</summary>
public sealed class DashboardTests
{
    [Fact]
    public void Each_panel_has_a_title_a_place_and_queries_of_the_chosen_jobs()
    {
        var panels = PrometheusFiles.Panels();
        Assert.Equal(panels.Count, panels.Select(panel => (int)panel["id"]!).Distinct().Count());
        foreach (var panel in panels)
        {
            Assert.False(string.IsNullOrWhiteSpace((string?)panel["title"]));
            Assert.InRange((int)panel["gridPos"]!["x"]! + (int)panel["gridPos"]!["w"]!, 1, 24);
            if ((string?)panel["type"] == "row") continue;
            var queries = PrometheusFiles.Expressions(panel).ToList();
            Assert.NotEmpty(queries);
            Assert.All(queries, query => Assert.Contains("job=~\"$job\"", query, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void It_shows_all_that_raises_an_alarm()
    {
        var shown = PrometheusFiles.NamesInDashboard().Select(each => each.Name).ToHashSet(StringComparer.Ordinal);
        // Shown by another metric of the same thing.
        shown.UnionWith(["crispy_spool_oldest_age_seconds", "crispy_spool_room_bytes"]);
        shown.UnionWith(["crispy_chunk_logger_up", "crispy_chunk_logger_losses_total"]);

        Assert.Empty(PrometheusFiles.NamesInAlerts().Select(each => each.Name).Except(shown));
    }
}
