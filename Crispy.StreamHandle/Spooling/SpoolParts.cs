using Crispy.Contracts;
using Crispy.Spool;

namespace Crispy.StreamHandle.Spooling;

/// <summary>The spool that all streams share.</summary>
/// <param name="Layout">Where things lie.</param>
/// <param name="Options">How much may lie there.</param>
/// <param name="Gauge">How much lies there.</param>
/// <param name="Budget">Whose turn it is when that is too much.</param>
/// <param name="Signer">Signs manifests.</param>
/// <param name="Verifier">Knows whose manifests are our own.</param>
public sealed record SpoolParts(
    SpoolLayout Layout, SpoolOptions Options, SpoolGauge Gauge, SpoolBudget Budget, ManifestSigner Signer, ManifestVerifier Verifier);
