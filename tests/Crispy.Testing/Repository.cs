namespace Crispy.Testing;

/// <summary>The folder with this project's sources.</summary>
public static class Repository
{
    /// <summary>Its path.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Crispy.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("not in the repository");
        return folder.FullName;
    }
}
