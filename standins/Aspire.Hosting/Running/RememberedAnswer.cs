using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting.Running;

/// <summary>
/// What MSBuild answered about a project, which takes it a second or more: good until the project file, or one of the files that
/// MSBuild takes in by their names in the folders above, is written again.
/// </summary>
internal sealed class RememberedAnswer(string folder, string projectPath, string configuration)
{
    private static readonly string[] TakenIn = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json"];

    private readonly string _path = Path.Combine(
        folder, $"{Path.GetFileNameWithoutExtension(projectPath)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{projectPath} {configuration}")))[..12]}.json");

    /// <summary>Null when it is not known, or not known to hold still.</summary>
    public string? Read()
    {
        var written = File.GetLastWriteTimeUtc(_path);
        return File.Exists(_path) && Sources().All(source => File.GetLastWriteTimeUtc(source) < written) ? File.ReadAllText(_path) : null;
    }

    public void Write(string answer)
    {
        Directory.CreateDirectory(folder);
        var beside = $"{_path}.{Environment.ProcessId}";
        File.WriteAllText(beside, answer);
        File.Move(beside, _path, overwrite: true);
    }

    private IEnumerable<string> Sources()
    {
        yield return projectPath;
        for (var above = Path.GetDirectoryName(projectPath); above is not null; above = Path.GetDirectoryName(above))
        {
            foreach (var source in TakenIn.Select(name => Path.Combine(above, name)).Where(File.Exists)) yield return source;
        }
    }
}
