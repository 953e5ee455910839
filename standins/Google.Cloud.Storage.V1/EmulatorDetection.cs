namespace Google.Api.Gax;

/// <summary>What a client builder does when the environment names an emulator.</summary>
public enum EmulatorDetection
{
    /// <summary>The environment is ignored: the real service.</summary>
    None = 0,

    /// <summary>The real service; building fails where the environment names an emulator.</summary>
    ProductionOnly = 1,

    /// <summary>The emulator; building fails where the environment names none.</summary>
    EmulatorOnly = 2,

    /// <summary>The emulator where the environment names one, otherwise the real service.</summary>
    EmulatorOrProduction = 3,
}
