using System.Security.Cryptography;
using System.Text;

namespace Crispy.Console.People;

/// <summary>A token and whose it is. It is kept as its hash alone.</summary>
public sealed class NamedToken
{
    private readonly byte[] _expected;

    /// <param name="person">Whose it is.</param>
    /// <param name="token">The token.</param>
    public NamedToken(Person person, string token) => (Person, _expected) = (person, Hash(token));

    /// <summary>Whose it is.</summary>
    public Person Person { get; }

    /// <summary>What sessions are bound to: another token ends those of the one before. Tells nothing of the token.</summary>
    public string Fingerprint => Convert.ToHexString(SHA256.HashData(_expected))[..16];

    /// <summary>Whether this is the token, compared in constant time.</summary>
    // Hashes are of one length: comparing them tells nothing of the token's, and of no other byte.
    public bool Matches(string token) => CryptographicOperations.FixedTimeEquals(Hash(token.Trim()), _expected);

    /// <inheritdoc />
    public override string ToString() => Person.Name; // Never the token itself.

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
