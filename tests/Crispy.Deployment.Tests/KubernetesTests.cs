using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.Testing;
using k8s.Models;

namespace Crispy.Deployment.Tests;

public sealed class KubernetesTests
{
    [Fact]
    public void Every_object_is_one_that_its_official_model_knows_to_the_last_field()
    {
        Assert.Equal(["Deployment", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "RabbitmqCluster", "ScaledObject", "Service", "ServiceAccount", "StatefulSet", "TriggerAuthentication"],
            KubernetesFiles.Objects.Select(found => found.GetType().Name.Replace("V1", "", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
        Assert.ThrowsAny<Exception>(() => KubernetesFiles.Load("apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { prots: [] }"));
    }

    [Fact]
    public async Task Kustomize_builds_it()
    {
        if (!OnPath("kubectl")) Assert.Skip("There is no kubectl.");

        var built = await Command.RunAsync("kubectl", "kustomize", Repository.PathOf("deploy", "kubernetes"));

        var objects = KubernetesFiles.Load(built);
        Assert.Equal(KubernetesFiles.Objects.Count + 1, objects.Count); // and the generated settings
        var settings = Assert.Single(objects.OfType<V1ConfigMap>());
        Assert.Equal("crispy-chunks", settings.Data["bucket"]);
        Assert.All(objects.OfType<V1StatefulSet>(), set => Assert.Equal("crispy", set.Metadata.NamespaceProperty));
        Assert.Contains(settings.Metadata.Name, built.Split("kind: StatefulSet", 2)[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_overlay_of_the_walk_through_sets_registry_bucket_and_identity()
    {
        if (!OnPath("kubectl")) Assert.Skip("There is no kubectl.");
        using var folder = new TempFolder();
        var guide = Repository.Read("docs", "deployment.md");
        var start = guide.IndexOf("# kustomization.yaml", StringComparison.Ordinal);
        var overlay = guide[start..guide.IndexOf("```", start, StringComparison.Ordinal)];
        Directory.CreateDirectory(folder["mine"]);
        await File.WriteAllTextAsync(folder["mine", "kustomization.yaml"], overlay, TestContext.Current.CancellationToken);
        foreach (var file in Directory.GetFiles(Repository.PathOf("deploy", "kubernetes")))
            File.Copy(file, Path.Combine(Directory.CreateDirectory(folder["crispy", "deploy", "kubernetes"]).FullName, Path.GetFileName(file)));

        var objects = KubernetesFiles.Load(await Command.RunAsync("kubectl", "kustomize", folder["mine"]));

        Assert.Equal("BUCKET", Assert.Single(objects.OfType<V1ConfigMap>()).Data["bucket"]);
        Assert.Equal(["crispy-console@PROJECT.iam.gserviceaccount.com", "crispy-upload-worker@PROJECT.iam.gserviceaccount.com"],
            objects.OfType<V1ServiceAccount>().Select(account => account.Metadata.Annotations["iam.gke.io/gcp-service-account"]).Order(StringComparer.Ordinal));
        var pod = Assert.Single(objects.OfType<V1StatefulSet>(), set => set.Metadata.Name == "stream-handle").Spec.Template.Spec;
        Assert.All(pod.InitContainers.Concat(pod.Containers), container => Assert.StartsWith("europe-west1-docker.pkg.dev/PROJECT/crispy/", container.Image, StringComparison.Ordinal));
    }

    [Fact]
    public void The_secrets_of_the_walk_through_are_those_that_the_pods_read()
    {
        var guide = Repository.Read("docs", "deployment.md");
        var read = KubernetesFiles.OwnContainers.SelectMany(found => found.Container.Env).Select(variable => variable.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>()
            .Where(secret => secret.Name != "rabbitmq-default-user") // made by the operator
            .Select(secret => (secret.Name, secret.Key)).Distinct().ToList();

        Assert.NotEmpty(read);
        foreach (var (name, key) in read) Assert.Matches($"create secret generic {name} [^\n]*--from-file={System.Text.RegularExpressions.Regex.Escape(key)}", guide);
        Assert.Contains($"create secret generic {Assert.Single(KubernetesFiles.StreamHandle.Spec.Template.Spec.Volumes, volume => volume.Secret is not null).Secret.SecretName} ", guide, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stream-handle")]
    [InlineData("upload-worker")]
    public async Task Services_have_the_settings_ports_and_volumes_of_the_manifest(string service)
    {
        var required = await ManifestRules.RequiredKeysAsync(service);
        var (_, target) = await ManifestRules.VolumeAsync(service);
        var containers = KubernetesFiles.OwnContainers.Where(found => found.Container.Name == service).ToList();
        Assert.Equal(service == "upload-worker" ? 2 : 1, containers.Count);

        foreach (var (container, _) in containers)
        {
            var keys = container.Env.Select(variable => variable.Name).ToList();
            Assert.Empty(required.Except(keys));
            KnownSettings.RequireRead(service, keys);
            Assert.Equal(target, Assert.Single(container.VolumeMounts, mount => mount.Name == "spool").MountPath);
            Assert.Equal(target, Assert.Single(container.Env, variable => variable.Name == "Crispy__Spool__Path").Value);
            Assert.Equal($"crispy/{service}", container.Image.Split(':')[0]);
            Assert.Equal(Assert.Single(container.Ports).ContainerPort.ToString(null, null), Assert.Single(container.Env, variable => variable.Name == "ASPNETCORE_HTTP_PORTS").Value);
        }
        if (service == "stream-handle") Assert.Equal(await ManifestRules.PortAsync(service, "http"), containers[0].Container.Ports[0].ContainerPort);
    }

    [Fact]
    public async Task The_console_has_the_settings_and_the_port_of_the_manifest_and_asks_every_stream_handle()
    {
        var container = Assert.Single(KubernetesFiles.Console.Spec.Template.Spec.Containers);
        var keys = container.Env.Select(variable => variable.Name).ToList();
        Assert.Empty((await ManifestRules.RequiredKeysAsync("console")).Except(keys));
        KnownSettings.RequireRead("console", keys);
        Assert.Equal("crispy/console", container.Image.Split(':')[0]);
        Assert.Equal(await ManifestRules.PortAsync("console", "http"), Assert.Single(container.Ports).ContainerPort);
        Assert.Equal((await ManifestRules.VolumeAsync("console")).Target, Assert.Single(container.VolumeMounts, mount => mount.Name == "data").MountPath);
        var service = KubernetesFiles.Named<V1Service>("stream-handle");
        Assert.Equal("None", service.Spec.ClusterIP);
        Assert.Equal($"http://{service.Metadata.Name}:{Assert.Single(service.Spec.Ports).Port}", Assert.Single(container.Env, variable => variable.Name == "services__stream-handle__http__0").Value);
        Assert.Contains(Policy("console").Spec.Egress, rule => rule.To?.Any(to => to.PodSelector?.MatchLabels?.Values.Contains("stream-handle") == true) == true);
    }

    [Fact]
    public async Task Servers_are_the_images_and_ports_of_the_manifest()
    {
        var redis = Assert.Single(KubernetesFiles.Named<V1StatefulSet>("redis").Spec.Template.Spec.Containers);
        Assert.Equal(await ManifestRules.ImageAsync("redis"), redis.Image);
        Assert.Equal(await ManifestRules.PortAsync("redis", "tcp"), Assert.Single(redis.Ports).ContainerPort);
        Assert.Equal((await ManifestRules.VolumeAsync("redis")).Target, Assert.Single(redis.VolumeMounts).MountPath);
        Assert.Equal(await ManifestRules.ImageAsync("rabbitmq"), KubernetesFiles.Named<RabbitmqCluster>("rabbitmq").Spec.Image);
        Assert.Contains(Policy("rabbitmq").Spec.Ingress, rule => rule.Ports.Any(port => port.Port == "5672"));
        Assert.Equal(5672, await ManifestRules.PortAsync("rabbitmq", "tcp"));
    }

    [Fact]
    public void A_spools_name_is_its_pods_name_and_its_workers_wait_at_its_queue()
    {
        foreach (var (container, _) in KubernetesFiles.OwnContainers.Where(found => ReferenceEquals(found.Pod, KubernetesFiles.StreamHandle.Spec.Template.Spec)))
            Assert.Equal("metadata.name", Assert.Single(container.Env, variable => variable.Name == "Crispy__Spool__Name").ValueFrom.FieldRef.FieldPath);
        const string spool = "stream-handle-0";
        Assert.True(StreamId.IsValid(spool));
        var more = KubernetesFiles.MoreWorkers.Spec.Template.Spec;
        Assert.Equal(spool, Assert.Single(more.Containers[0].Env, variable => variable.Name == "Crispy__Spool__Name").Value);
        var claim = Assert.Single(KubernetesFiles.StreamHandle.Spec.VolumeClaimTemplates);
        Assert.Equal($"{claim.Metadata.Name}-{spool}", Assert.Single(more.Volumes, volume => volume.PersistentVolumeClaim is not null).PersistentVolumeClaim.ClaimName);
        Assert.Contains(spool, Assert.Single(more.Affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution).LabelSelector.MatchLabels.Values);
        var scaled = KubernetesFiles.Named<ScaledObject>("upload-worker-0").Spec;
        Assert.Equal(KubernetesFiles.MoreWorkers.Metadata.Name, scaled.ScaleTargetRef.Name);
        var trigger = Assert.Single(scaled.Triggers);
        Assert.Equal(("rabbitmq", QueueTopology.UploadQueue(spool), "QueueLength"), (trigger.Type, trigger.Metadata["queueName"], trigger.Metadata["mode"]));
        Assert.Equal("host", Assert.Single(KubernetesFiles.Named<TriggerAuthentication>(trigger.AuthenticationRef.Name).Spec.SecretTargetRef).Parameter);
    }

    [Fact]
    public void The_worker_outlives_stream_handle_in_its_pod_and_both_have_their_time()
    {
        var pod = KubernetesFiles.StreamHandle.Spec.Template.Spec;
        Assert.Equal("Always", Assert.Single(pod.InitContainers, container => container.Name == "upload-worker").RestartPolicy);
        // Each of them takes up to 30 s, one after the other.
        Assert.InRange(pod.TerminationGracePeriodSeconds!.Value, 61, 120);
    }

    [Fact]
    public void Pods_need_no_root_no_capability_and_no_writable_disk_but_their_volumes()
    {
        var redis = KubernetesFiles.Named<V1StatefulSet>("redis").Spec.Template.Spec;
        foreach (var (container, pod) in KubernetesFiles.OwnContainers.Append((redis.Containers[0], redis)))
        {
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.False(pod.AutomountServiceAccountToken);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.NotNull(container.LivenessProbe);
            Assert.NotNull(container.ReadinessProbe);
            foreach (var kind in (string[])["cpu", "memory"]) Assert.True(container.Resources.Limits.ContainsKey(kind) && container.Resources.Requests.ContainsKey(kind), kind);
        }
    }

    [Fact]
    public void Memory_is_enough_for_what_was_measured()
    {
        const long process = 114_000_000, ffmpeg = 13_500_000, cameras = 20;
        foreach (var (container, _) in KubernetesFiles.OwnContainers)
        {
            var needed = process + (container.Name == "stream-handle" ? cameras * ffmpeg : 0);
            Assert.True(KubernetesFiles.Bytes(container.Resources.Requests["memory"]) >= needed, container.Name);
            Assert.True(KubernetesFiles.Bytes(container.Resources.Limits["memory"]) >= KubernetesFiles.Bytes(container.Resources.Requests["memory"]));
        }
        var budget = long.Parse(Assert.Single(KubernetesFiles.StreamHandle.Spec.Template.Spec.Containers[0].Env, variable => variable.Name == "Crispy__Spool__MaxBytes").Value, null);
        var volume = KubernetesFiles.Bytes(Assert.Single(KubernetesFiles.StreamHandle.Spec.VolumeClaimTemplates).Spec.Resources.Requests["storage"]);
        Assert.InRange(budget, volume / 2, volume - (1L << 30));
    }

    [Fact]
    public void Every_selector_finds_the_pods_that_it_is_written_for()
    {
        var pods = new Dictionary<string, IDictionary<string, string>>
        {
            ["stream-handle"] = KubernetesFiles.StreamHandle.Spec.Template.Metadata.Labels,
            ["upload-worker-0"] = KubernetesFiles.MoreWorkers.Spec.Template.Metadata.Labels,
            ["console"] = KubernetesFiles.Console.Spec.Template.Metadata.Labels,
            ["redis"] = KubernetesFiles.Named<V1StatefulSet>("redis").Spec.Template.Metadata.Labels,
            // Set by the operator: the name of the cluster.
            ["rabbitmq"] = new Dictionary<string, string> { ["app.kubernetes.io/name"] = KubernetesFiles.Named<RabbitmqCluster>("rabbitmq").Metadata.Name },
        };
        string[] Selected(IDictionary<string, string> labels) => [.. pods.Where(pod => labels.All(label => pod.Value.Contains(label))).Select(pod => pod.Key).Order()];

        foreach (var budget in KubernetesFiles.Objects.OfType<V1PodDisruptionBudget>()) Assert.Equal([budget.Metadata.Name], Selected(budget.Spec.Selector.MatchLabels));
        foreach (var service in KubernetesFiles.Objects.OfType<V1Service>()) Assert.Equal([service.Metadata.Name], Selected(service.Spec.Selector));
        Assert.Equal(["stream-handle", "upload-worker-0"], Selected(Policy("spool-users").Spec.PodSelector.MatchLabels));
        Assert.Equal(["console"], Selected(Policy("console").Spec.PodSelector.MatchLabels));
        Assert.Equal(["redis"], Selected(Policy("redis").Spec.PodSelector.MatchLabels));
        Assert.Equal(["rabbitmq"], Selected(Policy("rabbitmq").Spec.PodSelector.MatchLabels));
        Assert.Empty(Policy("default-deny").Spec.PodSelector.MatchLabels ?? new Dictionary<string, string>());
        Assert.Equal(["Ingress", "Egress"], Policy("default-deny").Spec.PolicyTypes);
    }

    private static V1NetworkPolicy Policy(string name) => KubernetesFiles.Named<V1NetworkPolicy>(name);

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
