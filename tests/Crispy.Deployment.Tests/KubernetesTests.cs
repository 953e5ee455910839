using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Testing;
using k8s.Models;

namespace Crispy.Deployment.Tests;

public sealed class KubernetesTests
{
    [Fact]
    public void Every_object_is_one_that_its_official_model_knows_to_the_last_field()
    {
        Assert.Equal(
            ["Deployment", "Namespace", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget", "RabbitmqCluster", "ScaledObject",
                "Service", "ServiceAccount", "StatefulSet", "TriggerAuthentication"],
            KubernetesFiles.Objects.Select(found => found.GetType().Name.Replace("V1", "", StringComparison.Ordinal)).Distinct()
                .Order(StringComparer.Ordinal));
        Assert.ThrowsAny<Exception>(() =>
            KubernetesFiles.Load("apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { prots: [] }"));
    }

    [Fact]
    public async Task Kustomize_builds_it()
    {
        if (!Repository.OnPath("kubectl")) Assert.Skip("There is no kubectl.");

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
        if (!Repository.OnPath("kubectl")) Assert.Skip("There is no kubectl.");
        using var folder = new TempFolder();
        var guide = Repository.Read("docs", "deployment.md");
        var start = guide.IndexOf("# kustomization.yaml", StringComparison.Ordinal);
        var overlay = guide[start..guide.IndexOf("```", start, StringComparison.Ordinal)];
        Directory.CreateDirectory(folder["mine"]);
        await File.WriteAllTextAsync(folder["mine", "kustomization.yaml"], overlay, TestContext.Current.CancellationToken);
        var secrets = Yaml.Read<Kustomization>(overlay).SecretGenerator.SelectMany(secret => secret.Files)
            .Select(file => file.Split('=')[^1]).ToList();
        foreach (var file in secrets) await File.WriteAllTextAsync(folder["mine", file], "1", TestContext.Current.CancellationToken);
        foreach (var file in Directory.GetFiles(Repository.PathOf("deploy", "kubernetes")))
            File.Copy(file,
                Path.Combine(Directory.CreateDirectory(folder["crispy", "deploy", "kubernetes"]).FullName, Path.GetFileName(file)));

        var objects = KubernetesFiles.Load(await Command.RunAsync("kubectl", "kustomize", folder["mine"]));

        // Every secret that a pod reads is made, but for the broker's, which its operator makes; its name tells of its content.
        var made = objects.OfType<V1Secret>().ToDictionary(secret => secret.Metadata.Name, secret => secret.Data.Keys.ToList());
        foreach (var (name, key) in SecretsRead(objects)) Assert.Contains(key, made[name]);
        Assert.Contains(StreamHandle(objects).Volumes.Select(volume => volume.Secret?.SecretName),
            name => name is not null && made.ContainsKey(name));
        // A secret that changes starts the pods again that read it.
        foreach (var file in secrets)
        {
            await File.WriteAllTextAsync(folder["mine", file], "2", TestContext.Current.CancellationToken);
            var changed = KubernetesFiles.Load(await Command.RunAsync("kubectl", "kustomize", folder["mine"]));
            await File.WriteAllTextAsync(folder["mine", file], "1", TestContext.Current.CancellationToken);
            Assert.Contains(Templates(objects).Zip(Templates(changed)), pair => pair.First != pair.Second);
        }

        Assert.Equal("BUCKET", Assert.Single(objects.OfType<V1ConfigMap>()).Data["bucket"]);
        Assert.Equal(["crispy-console@PROJECT.iam.gserviceaccount.com", "crispy-upload-worker@PROJECT.iam.gserviceaccount.com"],
            objects.OfType<V1ServiceAccount>().Select(account => account.Metadata.Annotations["iam.gke.io/gcp-service-account"])
                .Order(StringComparer.Ordinal));
        var pod = StreamHandle(objects);
        Assert.All(pod.InitContainers.Concat(pod.Containers),
            container => Assert.StartsWith("europe-west1-docker.pkg.dev/PROJECT/crispy/", container.Image, StringComparison.Ordinal));
    }

    [Fact]
    public void Names_are_found_through_every_kind_of_resolver()
    {
        var rule = Assert.Single(Policy("dns").Spec.Egress);
        Assert.Equal(["kube-system", "169.254.20.10/32", "169.254.169.254/32"],
            rule.To.Select(to => to.IpBlock?.Cidr ?? to.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]));
        Assert.Equal(["TCP 53", "UDP 53"], rule.Ports.Select(port => $"{port.Protocol} {port.Port.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Prometheus_reaches_what_has_metrics()
    {
        var policy = Policy("prometheus").Spec;
        Assert.Equal(["stream-handle", "upload-worker", "console", "rabbitmq"], Assert.Single(policy.PodSelector.MatchExpressions).Values);
        var ports = Assert.Single(policy.Ingress).Ports.Select(port => port.Port.Value).ToList();
        Assert.Contains((await ManifestRules.PortAsync("stream-handle", "http")).ToString(null, null), ports);
        Assert.Contains("15692", ports);
        foreach (var (container, _) in KubernetesFiles.OwnContainers)
        {
            Assert.Contains(Assert.Single(container.Ports).ContainerPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ports);
            Assert.Equal("health-token", container.Env.Single(variable => variable.Name == "Health__Token").ValueFrom.SecretKeyRef.Name);
        }
    }

    [Fact]
    public void Cameras_that_send_by_udp_are_let_in_only_where_one_asks_for_it()
    {
        var policy = Assert.IsType<V1NetworkPolicy>(Assert.Single(KubernetesFiles.Load(Repository.Read("deploy", "kubernetes",
            "cameras-udp", "network.yaml"))));

        Assert.Equal(KubernetesFiles.StreamHandle.Spec.Template.Metadata.Labels["app.kubernetes.io/name"],
            Assert.Single(policy.Spec.PodSelector.MatchLabels).Value);
        Assert.Equal("UDP", Assert.Single(Assert.Single(policy.Spec.Ingress).Ports).Protocol);
        Assert.Equal("UDP", Assert.Single(Assert.Single(policy.Spec.Egress).Ports).Protocol);
        Assert.DoesNotContain("cameras-udp", KubernetesFiles.Kustomization.Resources);
        Assert.Contains("deploy/kubernetes/cameras-udp`", Repository.Read("docs", "deployment.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void How_many_workers_there_are_is_decided_by_keda_alone()
    {
        Assert.Null(KubernetesFiles.MoreWorkers.Spec.Replicas);
        Assert.Equal(0, KubernetesFiles.Named<ScaledObject>("upload-worker-0").Spec.MinReplicaCount);
    }

    [Fact]
    public void Pods_are_spread_over_zones_and_nodes()
    {
        var spread = KubernetesFiles.StreamHandle.Spec.Template.Spec.TopologySpreadConstraints;
        Assert.Equal(["topology.kubernetes.io/zone", "kubernetes.io/hostname"], spread.Select(constraint => constraint.TopologyKey));
        Assert.All(spread, constraint => Assert.Equal(KubernetesFiles.StreamHandle.Spec.Selector.MatchLabels,
            constraint.LabelSelector.MatchLabels));
        var broker = KubernetesFiles.Named<RabbitmqCluster>("rabbitmq").Spec;
        Assert.Equal("kubernetes.io/hostname",
            Assert.Single(broker.Affinity!.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution).TopologyKey);
        Assert.Equal(3, broker.Replicas);
        Assert.True(broker.AutoEnableAllFeatureFlags);
        Assert.Contains("three nodes", Repository.Read("docs", "deployment.md"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_pod_is_ready_only_while_its_worker_can_upload_and_is_not_restarted_for_that()
    {
        foreach (var (worker, _) in KubernetesFiles.OwnContainers.Where(found => found.Container.Name == "upload-worker"))
        {
            Assert.Equal("/health", worker.ReadinessProbe.HttpGet.Path);
            Assert.Equal("/alive", worker.LivenessProbe.HttpGet.Path);
            Assert.Equal("/alive", worker.StartupProbe.HttpGet.Path);
            Assert.InRange(worker.ReadinessProbe.TimeoutSeconds!.Value, 4, 10);
        }
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
            Assert.Equal(Assert.Single(container.Ports).ContainerPort.ToString(null, null),
                Assert.Single(container.Env, variable => variable.Name == "ASPNETCORE_HTTP_PORTS").Value);
        }
        if (service == "stream-handle")
            Assert.Equal(await ManifestRules.PortAsync(service, "http"), containers[0].Container.Ports[0].ContainerPort);
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
        Assert.Equal((await ManifestRules.VolumeAsync("console")).Target,
            Assert.Single(container.VolumeMounts, mount => mount.Name == "data").MountPath);
        var service = KubernetesFiles.Named<V1Service>("stream-handle");
        Assert.Equal("None", service.Spec.ClusterIP);
        Assert.Equal($"http://{service.Metadata.Name}:{Assert.Single(service.Spec.Ports).Port}",
            Assert.Single(container.Env, variable => variable.Name == "services__stream-handle__http__0").Value);
        Assert.Contains(Policy("console").Spec.Egress,
            rule => rule.To?.Any(to => to.PodSelector?.MatchLabels?.Values.Contains("stream-handle") == true) == true);
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
        foreach (var (container, _) in KubernetesFiles.OwnContainers.Where(found =>
            ReferenceEquals(found.Pod, KubernetesFiles.StreamHandle.Spec.Template.Spec)))
            Assert.Equal("metadata.name",
                Assert.Single(container.Env, variable => variable.Name == "Crispy__Spool__Name").ValueFrom.FieldRef.FieldPath);
        const string spool = "stream-handle-0";
        Assert.True(StreamId.IsValid(spool));
        var more = KubernetesFiles.MoreWorkers.Spec.Template.Spec;
        Assert.Equal(spool, Assert.Single(more.Containers[0].Env, variable => variable.Name == "Crispy__Spool__Name").Value);
        var claim = Assert.Single(KubernetesFiles.StreamHandle.Spec.VolumeClaimTemplates);
        Assert.Equal($"{claim.Metadata.Name}-{spool}",
            Assert.Single(more.Volumes, volume => volume.PersistentVolumeClaim is not null).PersistentVolumeClaim.ClaimName);
        Assert.Contains(spool,
            Assert.Single(more.Affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution).LabelSelector.MatchLabels.Values);
        var scaled = KubernetesFiles.Named<ScaledObject>("upload-worker-0").Spec;
        Assert.Equal(KubernetesFiles.MoreWorkers.Metadata.Name, scaled.ScaleTargetRef.Name);
        var trigger = Assert.Single(scaled.Triggers);
        Assert.Equal(("rabbitmq", QueueTopology.UploadQueue(spool), "QueueLength"),
            (trigger.Type, trigger.Metadata["queueName"], trigger.Metadata["mode"]));
        Assert.Equal("host",
            Assert.Single(KubernetesFiles.Named<TriggerAuthentication>(trigger.AuthenticationRef.Name).Spec.SecretTargetRef).Parameter);
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
            foreach (var kind in (string[])["cpu", "memory"])
                Assert.True(container.Resources.Limits.ContainsKey(kind) && container.Resources.Requests.ContainsKey(kind), kind);
        }
    }

    [Fact]
    public void The_namespace_admits_restricted_pods_alone_and_all_of_ours_are()
    {
        var labels = KubernetesFiles.Named<V1Namespace>("crispy").Metadata.Labels;
        foreach (var mode in (string[])["enforce", "audit", "warn"])
            Assert.Equal("restricted", labels[$"pod-security.kubernetes.io/{mode}"]);
        var broker = KubernetesFiles.Named<RabbitmqCluster>("rabbitmq").Spec.Override!.StatefulSet.Spec.Template.Spec;
        Assert.Equal(["setup-container", "rabbitmq"], broker.InitContainers.Concat(broker.Containers).Select(container => container.Name));
        foreach (var pod in (V1PodSpec[])[KubernetesFiles.StreamHandle.Spec.Template.Spec, KubernetesFiles.MoreWorkers.Spec.Template.Spec,
            KubernetesFiles.Console.Spec.Template.Spec,
            KubernetesFiles.Named<V1StatefulSet>("redis").Spec.Template.Spec, broker])
        {
            // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.True(pod.HostNetwork is not true && pod.HostPID is not true && pod.HostIPC is not true);
            Assert.All(pod.Volumes ?? [], volume => Assert.True(volume.HostPath is null, volume.Name));
            foreach (var container in (pod.InitContainers ?? []).Concat(pod.Containers))
            {
                Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.Null(container.SecurityContext.Capabilities.Add);
            }
        }
    }

    [Fact]
    public void No_pod_reaches_link_local_addresses_but_for_names_unless_one_asks_for_it()
    {
        foreach (var policy in KubernetesFiles.Objects.OfType<V1NetworkPolicy>().Where(policy => policy.Metadata.Name != "dns"))
        {
            foreach (var rule in policy.Spec.Egress ?? [])
            {
                Assert.True(rule.To?.Count > 0, $"{policy.Metadata.Name} lets everything out");
                foreach (var block in rule.To!.Select(to => to.IpBlock).Where(block => block is not null))
                {
                    if (block.Cidr == "0.0.0.0/0") Assert.Contains("169.254.0.0/16", block.Except);
                    else if (block.Cidr == "::/0") Assert.Equal(["fe80::/10", "fd00:ec2::254/128"], block.Except);
                    else Assert.Fail($"{policy.Metadata.Name} lets out to {block.Cidr}");
                }
            }
        }
        var identity = Assert.IsType<V1NetworkPolicy>(
            Assert.Single(KubernetesFiles.Load(Repository.Read("deploy", "kubernetes", "gke-workload-identity", "network.yaml"))));
        Assert.Equal(["169.254.169.254/32 80", "169.254.169.252/32 988"],
            identity.Spec.Egress.Select(rule => $"{Assert.Single(rule.To).IpBlock.Cidr} {Assert.Single(rule.Ports).Port.Value}"));
        Assert.DoesNotContain("gke-workload-identity", KubernetesFiles.Kustomization.Resources);
        Assert.Contains("deploy/kubernetes/gke-workload-identity`", Repository.Read("docs", "deployment.md"), StringComparison.Ordinal);
        Assert.Equal("169.254.0.0/16,fe80::/10,fd00:ec2::254/128",
            Assert.Single(KubernetesFiles.StreamHandle.Spec.Template.Spec.Containers[0].Env,
                variable => variable.Name == "Crispy__Sources__Forbid").Value);
    }

    [Fact]
    public void Memory_is_enough_for_what_was_measured()
    {
        const long process = 114_000_000, ffmpeg = 13_500_000, cameras = 20;
        foreach (var (container, _) in KubernetesFiles.OwnContainers)
        {
            var needed = process + (container.Name == "stream-handle" ? cameras * ffmpeg : 0);
            Assert.True(KubernetesFiles.Bytes(container.Resources.Requests["memory"]) >= needed, container.Name);
            Assert.True(KubernetesFiles.Bytes(container.Resources.Limits["memory"])
                >= KubernetesFiles.Bytes(container.Resources.Requests["memory"]));
        }
        // A stated budget would have to be changed with the volume: without one the spool takes what there is.
        Assert.DoesNotContain(KubernetesFiles.StreamHandle.Spec.Template.Spec.Containers[0].Env, variable =>
            variable.Name == "Crispy__Spool__MaxBytes");
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
            ["rabbitmq"] = new Dictionary<string, string> { ["app.kubernetes.io/name"] =
                KubernetesFiles.Named<RabbitmqCluster>("rabbitmq").Metadata.Name },
        };
        string[] Selected(IDictionary<string, string> labels) =>
            [.. pods.Where(pod => labels.All(label => pod.Value.Contains(label))).Select(pod => pod.Key).Order()];

        foreach (var budget in KubernetesFiles.Objects.OfType<V1PodDisruptionBudget>())
            Assert.Equal([budget.Metadata.Name], Selected(budget.Spec.Selector.MatchLabels));
        foreach (var service in KubernetesFiles.Objects.OfType<V1Service>())
            Assert.Equal([service.Metadata.Name], Selected(service.Spec.Selector));
        Assert.Equal(["stream-handle", "upload-worker-0"], Selected(Policy("spool-users").Spec.PodSelector.MatchLabels));
        Assert.Equal(["console"], Selected(Policy("console").Spec.PodSelector.MatchLabels));
        Assert.Equal(["redis"], Selected(Policy("redis").Spec.PodSelector.MatchLabels));
        Assert.Equal(["rabbitmq"], Selected(Policy("rabbitmq").Spec.PodSelector.MatchLabels));
        Assert.Empty(Policy("default-deny").Spec.PodSelector.MatchLabels ?? new Dictionary<string, string>());
        Assert.Equal(["Ingress", "Egress"], Policy("default-deny").Spec.PolicyTypes);
    }

    private static V1PodSpec StreamHandle(IEnumerable<object> objects) =>
        Assert.Single(objects.OfType<V1StatefulSet>(), set => set.Metadata.Name == "stream-handle").Spec.Template.Spec;

    private static IEnumerable<(string Name, string Key)> SecretsRead(IEnumerable<object> objects) =>
        from pod in objects.OfType<V1StatefulSet>().Select(set => set.Spec.Template.Spec)
            .Concat(objects.OfType<V1Deployment>().Select(set => set.Spec.Template.Spec))
        from container in (pod.InitContainers ?? []).Concat(pod.Containers)
        from variable in container.Env ?? []
        where variable.ValueFrom?.SecretKeyRef is { Name: not "rabbitmq-default-user" }
        select (variable.ValueFrom.SecretKeyRef.Name, variable.ValueFrom.SecretKeyRef.Key);

    private static IEnumerable<string> Templates(IEnumerable<object> objects) =>
        objects.OfType<V1StatefulSet>().Select(set => k8s.KubernetesYaml.Serialize(set.Spec.Template))
            .Concat(objects.OfType<V1Deployment>().Select(set => k8s.KubernetesYaml.Serialize(set.Spec.Template)));

    private static V1NetworkPolicy Policy(string name) => KubernetesFiles.Named<V1NetworkPolicy>(name);
}
