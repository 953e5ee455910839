using System.Text;

namespace Crispy.Contracts;

/// <summary>A signed statement as a file: two lines, each ended by a newline. The first holds the statement's exact bytes, which the
/// signature covers; the second the detached JWS (RFC 7515), ASCII.</summary>
public static class SignedLines
{
    private const byte Newline = (byte)'\n';

    /// <summary>The content of the file.</summary>
    /// <param name="statement">What was signed.</param>
    /// <param name="signature">The JWS.</param>
    /// <param name="what">What it is, for messages, such as <c>manifest</c>.</param>
    /// <exception cref="FormatException">As <see cref="Require"/>.</exception>
    public static byte[] Write(ReadOnlySpan<byte> statement, string signature, string what)
    {
        Require(statement, signature, what);
        var content = new byte[statement.Length + signature.Length + 2];
        statement.CopyTo(content);
        content[statement.Length] = Newline;
        Encoding.ASCII.GetBytes(signature, content.AsSpan(statement.Length + 1));
        content[^1] = Newline;
        return content;
    }

    /// <summary>Reads a file's content back.</summary>
    /// <returns>How many bytes the statement has, which begins the content; and the JWS.</returns>
    /// <exception cref="FormatException">It is not what <see cref="Write"/> gives; says where it differs.</exception>
    public static (int Length, string Signature) Parse(ReadOnlySpan<byte> content, string what)
    {
        var statement = FirstLine(content);
        var rest = content[statement.Length..];
        if (rest.Length <= 1) throw new FormatException($"a {what}'s file without its second line, the signature");
        var signature = FirstLine(rest[1..]);
        var after = rest[(1 + signature.Length)..];
        if (after.IsEmpty) throw new FormatException($"a {what}'s file whose second line, the signature, is not ended by a newline");
        if (after.Length > 1)
            throw new FormatException($"a {what}'s file with {after.Length - 1} bytes after its second line, the signature");
        var text = Encoding.Latin1.GetString(signature);
        Require(statement, text, what);
        return (statement.Length, text);
    }

    /// <summary>What stands before the first newline: the statement, also in a file that <see cref="Parse"/> refuses.</summary>
    public static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> content) =>
        content.IndexOf(Newline) is >= 0 and var end ? content[..end] : content;

    /// <summary>Refuses what does not fit into a line each: a statement that came from elsewhere may be JSON over several lines.</summary>
    /// <exception cref="FormatException">The statement is empty or holds a newline,
    /// or the signature is empty or holds other than printable ASCII; says which.</exception>
    public static void Require(ReadOnlySpan<byte> statement, string signature, string what)
    {
        if (statement.IsEmpty) throw new FormatException($"the {what} is empty");
        if (statement.Contains(Newline)) throw new FormatException($"the {what} is not one line");
        if (signature.Length == 0) throw new FormatException("the signature is empty");
        if (signature.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new FormatException("the signature holds other than printable ASCII");
    }
}
