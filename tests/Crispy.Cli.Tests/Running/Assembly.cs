using Crispy.Cli.Tests.Running;

[assembly: AssemblyFixture(typeof(RecordingSystem))]
