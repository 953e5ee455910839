using Crispy.Console.Tests;

// One installation and one browser serve all tests, one after the other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Installation))]
