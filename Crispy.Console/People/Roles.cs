namespace Crispy.Console.People;

/// <summary>Roles as settings name them.</summary>
internal static class Roles
{
    private const string Rule = "must be viewer, operator or admin";

    /// <summary>Those that may be given.</summary>
    public static readonly IReadOnlyList<Role> All = [Role.Viewer, Role.Operator, Role.Admin];

    /// <summary>Reads one.</summary>
    /// <param name="path">The setting.</param>
    /// <param name="text">Its value.</param>
    /// <param name="mistakes">Takes what is wrong.</param>
    /// <param name="isRequired">Whether it must be there, and not <c>none</c>.</param>
    public static Role Read(string path, string? text, List<string> mistakes, bool isRequired)
    {
        if (!isRequired && (string.IsNullOrEmpty(text) || text.Equals("none", StringComparison.OrdinalIgnoreCase))) return Role.None;
        foreach (var role in All)
            if (role.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)) return role;
        mistakes.Add($"{path} is '{text}': {Rule}{(isRequired ? "" : ", or none")}");
        return Role.None;
    }
}
