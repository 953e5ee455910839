namespace Crispy.Cli.Local;

/// <summary>The clone that this program was built in, or that one stands in.</summary>
internal static class Repository
{
    /// <summary>Its root; null where there is none.</summary>
    public static string? Find() => Above(AppContext.BaseDirectory) ?? Above(Environment.CurrentDirectory);

    /// <summary>The script that runs the whole system.</summary>
    public static string RunScript(string root) => Path.Combine(root, "run.sh");

    private static string? Above(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(RunScript(at.FullName)) && Directory.Exists(Path.Combine(at.FullName, "Crispy.AppHost"))) return at.FullName;
        }
        return null;
    }
}
