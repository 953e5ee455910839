using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Reads all that a process is told by its configuration, and collects every mistake, so that they are told at once. Each options
/// class has a static <c>Read</c>, which runs before the host is built.</summary>
/// <param name="configuration">The whole configuration.</param>
/// <param name="wording">How mistakes are worded; the usual way where null.</param>
public sealed class SettingsReader(IConfiguration configuration, SettingsWording? wording = null)
{
    private readonly Dictionary<string, SectionReader> _sections = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The whole configuration.</summary>
    public IConfiguration Configuration => configuration;

    /// <summary>The mistakes so far, each with its key and value, and none with a secret.</summary>
    public ICollection<string> Mistakes { get; } = [];

    /// <summary>The reader of a section. There is one for each path: a key that anybody read there is known.</summary>
    /// <param name="path">Its path, such as <c>Crispy:Spool</c>; empty for keys that lie in none.</param>
    /// <param name="other">Words of its own; those of the process where null.</param>
    public SectionReader Section(string path, SettingsWording? other = null) => _sections.TryGetValue(path, out var reader) ? reader
        : _sections[path] = new(path.Length == 0 ? configuration : configuration.GetSection(path),
            (key, message) => Mistakes.Add(path.Length == 0 ? $"{key} {message}" : $"{path}:{key} {message}"), other ?? wording);

    /// <summary>The options, if all was well.</summary>
    /// <param name="read">What was read.</param>
    /// <exception cref="OptionsValidationException">There are mistakes; all of them are named.</exception>
    public T Checked<T>(T read) where T : class => Mistakes.Count == 0 ? read : throw Refusal<T>([.. Mistakes]);

    /// <summary>What ends a process whose options cannot be used.</summary>
    /// <param name="mistakes">Each names its key and value, and no secret.</param>
    public static OptionsValidationException Refusal<T>(params IEnumerable<string> mistakes) where T : class =>
        new(typeof(T).Name, typeof(T), mistakes);

    /// <summary>Reads what tells its mistake by a <see cref="FormatException"/>.</summary>
    /// <exception cref="OptionsValidationException">There is one.</exception>
    public static T Checked<T>(Func<T> read) where T : class
    {
        T? found = null;
        Checked(() => { found = read(); });
        return found!;
    }

    /// <inheritdoc cref="Checked{T}(Func{T})" />
    public static void Checked(Action check)
    {
        ArgumentNullException.ThrowIfNull(check);
        try
        {
            check();
        }
        catch (FormatException mistake)
        {
            throw Refusal<SettingsReader>(mistake.Message);
        }
    }
}

/// <summary>Registers options that were read and checked.</summary>
public static class SettingsServices
{
    /// <summary>Adds options, as themselves and as <see cref="IOptions{T}"/>.</summary>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, T settings) where T : class =>
        services.AddSingleton(settings).AddSingleton(Options.Options.Create(settings));
}
