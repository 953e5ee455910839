namespace Crispy.Console.Tests;

/// <summary>The tests that share an installation and a browser.</summary>
[CollectionDefinition]
public sealed class OneInstallation : ICollectionFixture<Installation>;
