using System.Text.RegularExpressions;
using k8s;
using k8s.Models;

namespace Crispy.Deployment.Tests;

/// <summary>The objects of deploy/kubernetes, read strictly: by the official model where there is one,
/// by the fields of the operators' own definitions otherwise.</summary>
internal static partial class KubernetesFiles
{
    private static readonly Dictionary<string, Type> Operators = new()
    {
        ["rabbitmq.com/v1beta1/RabbitmqCluster"] = typeof(RabbitmqCluster),
        ["keda.sh/v1alpha1/ScaledObject"] = typeof(ScaledObject),
        ["keda.sh/v1alpha1/TriggerAuthentication"] = typeof(TriggerAuthentication),
    };

    /// <summary>Every object of every file that the kustomization names.</summary>
    public static IReadOnlyList<object> Objects { get; } =
        [.. Kustomization.Resources.SelectMany(file => Load(Repository.Read("deploy", "kubernetes", file)))];

    public static Kustomization Kustomization => Yaml.Read<Kustomization>(Repository.Read("deploy", "kubernetes", "kustomization.yaml"));

    public static V1StatefulSet StreamHandle => Named<V1StatefulSet>("stream-handle");

    public static V1Deployment MoreWorkers => Named<V1Deployment>("upload-worker-0");

    public static V1Deployment Console => Named<V1Deployment>("console");

    /// <summary>The containers of the pods that run our images, sidecars included, with their pod.</summary>
    public static IEnumerable<(V1Container Container, V1PodSpec Pod)> OwnContainers =>
        from pod in new[] { StreamHandle.Spec.Template.Spec, MoreWorkers.Spec.Template.Spec, Console.Spec.Template.Spec }
        from container in (pod.InitContainers ?? []).Concat(pod.Containers)
        select (container, pod);

    public static T Named<T>(string name) where T : IKubernetesObject<V1ObjectMeta> =>
        Assert.Single(Objects.OfType<T>(), found => found.Metadata.Name == name);

    public static List<object> Load(string yaml) => KubernetesYaml.LoadAllFromString(yaml, Operators, strict: true);

    /// <summary>Bytes of a quantity such as 384Mi.</summary>
    public static long Bytes(ResourceQuantity quantity)
    {
        var match = Quantity().Match(quantity.ToString());
        Assert.True(match.Success, quantity.ToString());
        return long.Parse(match.Groups[1].Value, null) << (match.Groups[2].Value == "Gi" ? 30 : 20);
    }

    [GeneratedRegex("^([0-9]+)(Mi|Gi)$")]
    private static partial Regex Quantity();
}

internal sealed class Kustomization
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Namespace { get; set; } = "";

    public List<string> Resources { get; set; } = [];

    public List<ConfigMapArgs> ConfigMapGenerator { get; set; } = [];

    public List<SecretArgs> SecretGenerator { get; set; } = [];

    public List<PatchArgs> Patches { get; set; } = [];

    public List<ImageArgs> Images { get; set; } = [];

    internal sealed class ConfigMapArgs
    {
        public string Name { get; set; } = "";

        public string? Behavior { get; set; }

        public List<string> Literals { get; set; } = [];
    }

    internal sealed class SecretArgs
    {
        public string Name { get; set; } = "";

        public List<string> Files { get; set; } = [];
    }

    internal sealed class PatchArgs
    {
        public Dictionary<string, string> Target { get; set; } = [];

        public string Patch { get; set; } = "";
    }

    internal sealed class ImageArgs
    {
        public string Name { get; set; } = "";

        public string NewName { get; set; } = "";

        public string NewTag { get; set; } = "";
    }
}
