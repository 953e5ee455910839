using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Crispy.Deployment.Tests;

/// <summary>Reads YAML into a type; a key that the type does not have is an error.</summary>
internal static class Yaml
{
    private static readonly IDeserializer Camel = new DeserializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance).Build();
    private static readonly IDeserializer Underscored = new DeserializerBuilder()
        .WithNamingConvention(UnderscoredNamingConvention.Instance).Build();

    public static T Read<T>(string yaml) => Camel.Deserialize<T>(new MergingParser(new Parser(new StringReader(yaml))));

    /// <summary>The same for keys_like_this.</summary>
    public static T ReadUnderscored<T>(string yaml) => Underscored.Deserialize<T>(new MergingParser(new Parser(new StringReader(yaml))));
}
