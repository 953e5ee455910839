namespace Crispy.Console.People;

/// <summary>Roles as settings name them.</summary>
internal static class Roles
{
    private const string Rule = "must be viewer, operator or admin";

    /// <summary>Those that may be given.</summary>
    public static readonly IReadOnlyList<Role> All = [Role.Viewer, Role.Operator, Role.Admin];

    /// <summary>Reads one.</summary>
    /// <param name="keys">The section.</param>
    /// <param name="key">The setting.</param>
    /// <param name="isRequired">Whether it must be there, and not <c>none</c>.</param>
    public static Role Read(SectionReader keys, string key, bool isRequired)
    {
        var text = keys.Text(key) ?? "";
        if (!isRequired && (text == "" || text.Equals("none", StringComparison.OrdinalIgnoreCase))) return Role.None;
        foreach (var role in All)
            if (role.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)) return role;
        keys.Mistake(key, text, $"{Rule}{(isRequired ? "" : ", or none")}");
        return Role.None;
    }
}
