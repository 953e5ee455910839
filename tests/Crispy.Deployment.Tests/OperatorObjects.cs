using k8s;
using k8s.Models;

namespace Crispy.Deployment.Tests;

// The fields in use of three definitions for which there is no official .NET model. Sources: rabbitmq.com_rabbitmqclusters.yaml of
// RabbitMQ's cluster operator, keda.sh_scaledobjects.yaml and keda.sh_triggerauthentications.yaml of KEDA.

internal abstract class OperatorObject : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();
}

internal sealed class RabbitmqCluster : OperatorObject
{
    public ClusterSpec Spec { get; set; } = new();

    internal sealed class ClusterSpec
    {
        public int Replicas { get; set; }

        public string Image { get; set; } = "";

        public bool AutoEnableAllFeatureFlags { get; set; }

        public StorageSpec Persistence { get; set; } = new();

        public V1ResourceRequirements? Resources { get; set; }

        public V1Affinity? Affinity { get; set; }

        public ConfigurationSpec Rabbitmq { get; set; } = new();

        public OverrideSpec? Override { get; set; }
    }

    internal sealed class OverrideSpec
    {
        public OverriddenSet StatefulSet { get; set; } = new();
    }

    // As in apps/v1, but that nothing in it is required.
    internal sealed class OverriddenSet
    {
        public OverriddenSetSpec Spec { get; set; } = new();
    }

    internal sealed class OverriddenSetSpec
    {
        public V1PodTemplateSpec Template { get; set; } = new();
    }

    internal sealed class StorageSpec
    {
        public string Storage { get; set; } = "";
    }

    internal sealed class ConfigurationSpec
    {
        public string AdditionalConfig { get; set; } = "";
    }
}

internal sealed class ScaledObject : OperatorObject
{
    public ScaledSpec Spec { get; set; } = new();

    internal sealed class ScaledSpec
    {
        public NameRef ScaleTargetRef { get; set; } = new();

        public int MinReplicaCount { get; set; }

        public int MaxReplicaCount { get; set; }

        public int PollingInterval { get; set; }

        public int CooldownPeriod { get; set; }

        public List<Trigger> Triggers { get; set; } = [];
    }

    internal sealed class Trigger
    {
        public string Type { get; set; } = "";

        public Dictionary<string, string> Metadata { get; set; } = [];

        public NameRef AuthenticationRef { get; set; } = new();
    }

    internal sealed class NameRef
    {
        public string Name { get; set; } = "";
    }
}

internal sealed class TriggerAuthentication : OperatorObject
{
    public AuthenticationSpec Spec { get; set; } = new();

    internal sealed class AuthenticationSpec
    {
        public List<SecretTarget> SecretTargetRef { get; set; } = [];
    }

    internal sealed class SecretTarget
    {
        public string Parameter { get; set; } = "";

        public string Name { get; set; } = "";

        public string Key { get; set; } = "";
    }
}
